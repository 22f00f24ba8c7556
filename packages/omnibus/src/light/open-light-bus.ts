import { OmnibusError, systemClock, systemRandom, type Timer, toHex } from "../base/index.ts";
import {
  Announcements,
  type Bus,
  type BusEvents,
  type BusStats,
  type CloseReport,
  Redial,
  View,
} from "../bus/index.ts";
import { createWebSocketDialer } from "../link/index.ts";
import { LeafCore, type LeafNeighbour } from "./leaf-core.ts";
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
  const { clock = systemClock, random = systemRandom } = options;
  const core = new LeafCore(options, clock, random);
  const bus = new OpenLightBus(core, new Announcements(core), options);
  try {
    await bus.opened;
  } catch (error) {
    await bus.close({ flushMs: 0 });
    throw error;
  }
  return bus;
}

class OpenLightBus extends View implements LightBus {
  readonly nodeId: string;
  /** Resolves with the first session; rejects if there is none. */
  readonly opened: Promise<void>;
  readonly #core: LeafCore;
  readonly #options: LightBusOptions;
  readonly #announcements: Announcements<LeafNeighbour>;
  readonly #redial: Redial;
  #lastTickMs: number;
  #timer: Timer | undefined;
  #closing: Promise<CloseReport> | undefined;
  readonly #abort = (): void => void this.close({ flushMs: 0 });
  /** Whether a session was ever open: who never got in is not tried again. */
  #wasOpen = false;
  #isOpen = false;
  readonly #failed: (error: OmnibusError) => void;

  constructor(
    core: LeafCore,
    announcements: Announcements<LeafNeighbour>,
    options: LightBusOptions,
  ) {
    super(core, announcements);
    const { clock } = core;
    this.#core = core;
    this.#options = options;
    this.#announcements = announcements;
    this.nodeId = toHex(core.hello.nodeId);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    this.#failed = reject;
    announcements.isIncomplete = () => !this.#isOpen && !core.isClosed;
    core.onOpened = () => {
      if (core.server !== undefined) announcements.holdBacks.connected(core.server);
      this.#isOpen = this.#wasOpen = true;
      this.#redial.succeeded();
      resolve();
    };
    core.onClosed = (error = new OmnibusError("closed", "the session ended")) => this.#lost(error);
    this.#redial = new Redial({
      url: options.connect,
      dialers: options.dialers ?? [createWebSocketDialer()],
      clock,
      random: options.random ?? systemRandom,
      maxPauseMs: options.maxRedialMs ?? 60_000,
      connected: (link) => core.connected(link, options.credentials ?? { kind: "anonymous" }),
      failed: (error) => {
        // The first failure ends the attempts, unless they are waited for; later ones are told as events.
        if (this.#wasOpen || this.#waits(error)) return core.events.tell("error", error);
        this.#redial.stop();
        reject(error);
      },
    });
    this.#lastTickMs = clock.nowMs();
    this.#tick();
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    this.#redial.start();
  }

  #lost(error: OmnibusError): void {
    const hadSession = this.#isOpen;
    this.#isOpen = false;
    if (!this.#wasOpen && this.#waits(error)) {
      this.#core.events.tell("error", error);
      this.#redial.again();
    } else if (!this.#wasOpen) {
      this.#redial.stop();
      this.#failed(error);
    } else if (!hadSession && !error.retry) {
      this.#redial.stop();
      this.#core.setCutOff(false);
      this.#core.events.tell("error", error);
    } else {
      this.#redial.again();
    }
  }

  /** Whether a first connection that failed so is tried again. */
  #waits(error: OmnibusError): boolean {
    return this.#options.waitForServer === true && error.retry;
  }

  get stats(): Readonly<BusStats> {
    return this.#core.stats;
  }

  on<Name extends keyof BusEvents>(
    name: Name,
    listener: (event: BusEvents[Name]) => void,
  ): () => void {
    return this.#core.events.on(name, listener);
  }

  async flush(): Promise<void> {
    this.#core.checkOpen();
    const session = this.#core.server?.session;
    if (session === undefined) return;
    await new Promise<void>((resolve) => session.ping(resolve));
    if (session.state !== "open")
      throw new OmnibusError("closed", `the connection to ${session.link.remote} ended`);
  }

  #tick(): void {
    const { keepAliveMs = 8000, stallMs = 5000 } = this.#options;
    const { clock, neighbours } = this.#core;
    this.#timer = clock.setTimer(tickMs, () => {
      const nowMs = clock.nowMs();
      // A page that was frozen, or a machine that slept, has heard nothing because it did not listen.
      const wasAway = nowMs - this.#lastTickMs > awayMs;
      this.#lastTickMs = nowMs;
      for (const { session } of neighbours.all) {
        if (wasAway) session.pardon(nowMs);
        session.tick(nowMs, keepAliveMs);
        session.sender.checkStall(nowMs, stallMs);
      }
      this.#tick();
    });
  }

  override close(options: { flushMs?: number } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options.flushMs ?? 1000);
    return this.#closing;
  }

  async #close(flushMs: number): Promise<CloseReport> {
    const core = this.#core;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#redial.stop();
    if (!this.#wasOpen) this.#failed(this.#ended());
    const unsentBytes = await this.#flushed(flushMs);
    await super.close();
    core.setCutOff(false);
    core.isClosed = true;
    this.#timer?.cancel();
    this.#announcements.giveUp();
    for (const { session } of core.neighbours.all) session.end();
    return { unsentBytes };
  }

  /** Why somebody who waits for a first connection waits in vain. */
  #ended(): OmnibusError {
    return this.#options.signal?.aborted === true
      ? new OmnibusError("aborted", "the signal fired before there was a connection")
      : new OmnibusError("closed", "the bus was closed before there was a connection");
  }

  /** Resolves when nothing waits, or `flushMs` later, with the bytes that are left. */
  async #flushed(flushMs: number): Promise<number> {
    const { clock } = this.#core;
    const endMs = clock.nowMs() + flushMs;
    this.#core.server?.session.sender.flush();
    const left = (): number => this.#core.server?.session.sender.queue.bytes ?? 0;
    while (left() > 0 && clock.nowMs() < endMs) {
      await new Promise<void>((resolve) => {
        clock.setTimer(5, resolve);
      });
    }
    return left();
  }
}
