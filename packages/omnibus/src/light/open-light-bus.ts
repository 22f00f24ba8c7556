import { OmnibusError, type Timer, toHex } from "../base/index.ts";
import { type Bus, type BusEvents, type BusStats, type CloseReport, View } from "../bus/index.ts";
import { Leaf } from "./leaf.ts";
import { checkLightOptions, type LightBusOptions } from "./light-options.ts";

/** How often the session is looked after. */
const tickMs = 1000;
/** A second's tick that comes so late says that this page did not run meanwhile. */
const awayMs = 3000;

/** A bus that is a leaf of one server: all of `Bus` that does not need more than one neighbour. */
export type LightBus = Omit<Bus, "enter" | "attach" | "dial">;

/**
 * Opens a bus that is a client of one server over WebSocket, for a page that counts its bytes. Resolves when
 * the first session is open, and dials again by itself after a loss. Rejects with `connect-failed`,
 * `not-authenticated`, `bad-version`, and with `bad-config` for an option that only the full bus has.
 */
export async function openBus(options: LightBusOptions): Promise<LightBus> {
  checkLightOptions(options);
  const leaf = new Leaf(options);
  const bus = new OpenLightBus(leaf, options);
  leaf.uplink.start();
  try {
    await leaf.uplink.opened;
  } catch (error) {
    await bus.close({ flushMs: 0 });
    throw error;
  }
  return bus;
}

class OpenLightBus extends View implements LightBus {
  readonly nodeId: string;
  readonly #leaf: Leaf;
  readonly #options: LightBusOptions;
  #lastTickMs: number;
  #timer: Timer | undefined;
  #closing: Promise<CloseReport> | undefined;
  readonly #abort = (): void => void this.close({ flushMs: 0 });

  constructor(leaf: Leaf, options: LightBusOptions) {
    super(leaf, leaf.announcer);
    this.#leaf = leaf;
    this.#options = options;
    this.nodeId = toHex(leaf.hello.nodeId);
    this.#lastTickMs = leaf.clock.nowMs();
    this.#tick();
    options.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get stats(): Readonly<BusStats> {
    return this.#leaf.stats;
  }

  on<Name extends keyof BusEvents>(
    name: Name,
    listener: (event: BusEvents[Name]) => void,
  ): () => void {
    return this.#leaf.events.on(name, listener);
  }

  async flush(): Promise<void> {
    this.#leaf.checkOpen();
    const { server } = this.#leaf;
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.ping(resolve));
    if (server.state !== "open")
      throw new OmnibusError("closed", `the connection to ${server.remote} ended`);
  }

  #tick(): void {
    const { clock } = this.#leaf;
    this.#timer = clock.setTimer(tickMs, () => {
      const { session } = this.#leaf;
      const nowMs = clock.nowMs();
      // A page that was frozen, or a machine that slept, has heard nothing because it did not listen.
      if (nowMs - this.#lastTickMs > awayMs) session?.pardon(nowMs);
      this.#lastTickMs = nowMs;
      session?.tick(nowMs, this.#options);
      this.#tick();
    });
  }

  override close(options: { flushMs?: number } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options.flushMs ?? 1000);
    return this.#closing;
  }

  async #close(flushMs: number): Promise<CloseReport> {
    const leaf = this.#leaf;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    leaf.uplink.stop();
    const unsentBytes = await this.#flushed(flushMs);
    await super.close();
    leaf.setCutOff(false);
    leaf.isClosed = true;
    this.#timer?.cancel();
    leaf.announcer.giveUp();
    leaf.session?.end();
    return { unsentBytes };
  }

  /** Resolves when nothing waits, or `flushMs` later, with the bytes that are left. */
  async #flushed(flushMs: number): Promise<number> {
    const { clock } = this.#leaf;
    const endMs = clock.nowMs() + flushMs;
    this.#leaf.server?.sender.flush();
    const left = (): number => this.#leaf.server?.sender.queue.bytes ?? 0;
    while (left() > 0 && clock.nowMs() < endMs)
      await new Promise<void>((resolve) => {
        clock.setTimer(5, resolve);
      });
    return left();
  }
}
