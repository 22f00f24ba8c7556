import { OmnibusError, systemClock, systemRandom, type Timer, toHex } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import type { Session, SessionCredentials } from "../session/index.ts";
import { Announcements } from "./announcements.ts";
import { BusCore } from "./bus-core.ts";
import type { BusEvents, BusOptions, BusStats } from "./bus-options.ts";
import type { BusView } from "./bus-view.ts";
import { GuestView } from "./guest-view.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Caller, Credentials } from "./plugs.ts";
import { Uplink } from "./uplink.ts";
import { View } from "./view.ts";
import { ViewPace } from "./view-pace.ts";

/** What `close` could not finish. */
export interface CloseReport {
  /** Bytes that waited for neighbours when the time was up. */
  readonly unsentBytes: number;
}

/** The object that a program opens and talks to. */
export interface Bus extends BusView {
  /** 64 hexadecimal digits: this open bus, as others see it. */
  readonly nodeId: string;
  readonly stats: Readonly<BusStats>;
  /** Listens to what happens in the background; the returned function ends it. */
  on<Name extends keyof BusEvents>(
    name: Name,
    listener: (event: BusEvents[Name]) => void,
  ): () => void;
  /**
   * The verbs as somebody else, for adapters. `from` says where they speak from: the conversation. All
   * that enter from the same object share one pace of new topics (`NeighbourLimits`). Default: this process itself. Rejects with `not-authenticated`.
   */
  enter(credentials: Credentials, from?: Caller): Promise<BusView>;
  /**
   * Resolves when every server that this bus is connected to has handled all that was published and
   * subscribed to before. Rejects with `closed` if a connection ends before that.
   */
  flush(): Promise<void>;
  /** Begins a session over a link that somebody else made, as the side that was dialled. */
  attach(link: Link): void;
  /** Stays connected to an address. Resolves when the first session with it is open. */
  dial(url: string, credentials?: SessionCredentials): Promise<void>;
  /** Sends what waits, up to `flushMs` (default 1,000), says goodbye and ends. */
  close(options?: { flushMs?: number }): Promise<CloseReport>;
}

/** How often sessions are looked after. */
const tickMs = 1000;

/** Opens a bus. Composition roots add what can be dialled. */
export async function createBus(options: BusOptions = {}): Promise<Bus> {
  const core = new BusCore({
    ...options,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    realm: options.realm ?? (options.connect === undefined ? "user" : "global"),
  });
  const bus = new OpenBus(core, new Announcements(core), options);
  const urls = typeof options.connect === "string" ? [options.connect] : (options.connect ?? []);
  try {
    await Promise.all(urls.map((url) => bus.dial(url, options.credentials)));
  } catch (error) {
    await bus.close({ flushMs: 0 });
    throw error;
  }
  return bus;
}

class OpenBus extends View implements Bus {
  readonly nodeId: string;
  readonly #core: BusCore;
  readonly #options: BusOptions;
  readonly #announcements: Announcements;
  /** Servers that it stays connected to, and who they are while there is a session. */
  readonly #uplinks = new Map<Uplink, Neighbour | undefined>();
  readonly #paces = new WeakMap<Caller, ViewPace>();
  #timer: Timer | undefined;
  #closing: Promise<CloseReport> | undefined;
  readonly #abort = (): void => void this.close({ flushMs: 0 });

  constructor(core: BusCore, announcements: Announcements, options: BusOptions) {
    super(core, announcements);
    this.#core = core;
    this.#options = options;
    this.#announcements = announcements;
    this.nodeId = toHex(core.hello.nodeId);
    announcements.isIncomplete = () => [...this.#uplinks.keys()].some(({ isOpen }) => !isOpen);
    core.onOpened = (neighbour) => {
      announcements.connected(neighbour);
      this.#changed(neighbour, (uplink) => uplink.sessionOpened());
    };
    core.onClosed = (neighbour, error) =>
      this.#changed(neighbour, (uplink) => uplink.sessionEnded(error));
    this.#tick();
    options.signal?.addEventListener("abort", this.#abort, { once: true });
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

  async enter(credentials: Credentials, from: Caller = { remote: "local" }): Promise<BusView> {
    const principal = await this.#core.authority.authenticate(credentials, from);
    let pace = this.#paces.get(from);
    if (pace === undefined) {
      pace = new ViewPace(this.#core, this.#core.neighbourLimits.maxNewTopicsPerSec);
      this.#paces.set(from, pace);
    }
    return new GuestView(this.#core, this.#announcements, principal, pace);
  }

  async flush(): Promise<void> {
    const core = this.#core;
    core.checkOpen();
    const uplinks = [...core.neighbours.all].filter(({ session }) => session.isDialer);
    await Promise.all(uplinks.map(({ session }) => handledAll(session)));
  }

  attach(link: Link): void {
    this.#core.checkOpen();
    this.#core.neighbours.attach(link, undefined);
  }

  dial(url: string, credentials: SessionCredentials = { kind: "anonymous" }): Promise<void> {
    const core = this.#core;
    core.checkOpen();
    return new Promise((resolve) => {
      const uplink = new Uplink(url, this.#options, {
        clock: core.clock,
        random: core.random,
        connected: (link) => this.#uplinks.set(uplink, core.neighbours.attach(link, credentials)),
        failed: (error) => core.events.tell("error", error),
        gaveUp: () => {
          this.#uplinks.delete(uplink);
          this.#checkCutOff();
        },
      });
      this.#uplinks.set(uplink, undefined);
      this.#checkCutOff();
      uplink.start();
      resolve(uplink.opened);
    });
  }

  #checkCutOff(): void {
    const uplinks = [...this.#uplinks.keys()];
    this.#core.setCutOff(uplinks.length > 0 && !uplinks.some(({ isOpen }) => isOpen));
  }

  #changed(neighbour: Neighbour, tell: (uplink: Uplink) => void): void {
    for (const [uplink, itsNeighbour] of this.#uplinks)
      if (itsNeighbour === neighbour) tell(uplink);
    this.#checkCutOff();
  }

  #tick(): void {
    const { keepAliveMs = 8000, stallMs = 5000 } = this.#options;
    this.#timer = this.#core.clock.setTimer(tickMs, () => {
      this.#core.checkVerdicts();
      for (const pace of this.#core.paces) pace.tick();
      this.#core.reach.forgetStale(this.#core.book);
      this.#core.neighbours.tick(this.#core.clock.nowMs(), { keepAliveMs, stallMs });
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
    for (const uplink of this.#uplinks.keys()) uplink.stop();
    core.outbox.flush();
    const unsentBytes = await this.#flushed(flushMs);
    await super.close();
    this.#uplinks.clear();
    core.setCutOff(false);
    core.isClosed = true;
    this.#timer?.cancel();
    this.#announcements.giveUp();
    for (const pace of core.paces) pace.resumeReading();
    for (const { session } of core.neighbours.all) session.end();
    return { unsentBytes };
  }

  /** Resolves when all queues are empty, or `flushMs` later, with the bytes that are left. */
  async #flushed(flushMs: number): Promise<number> {
    const { clock, neighbours } = this.#core;
    const endMs = clock.nowMs() + flushMs;
    const left = (): number => {
      let bytes = 0;
      for (const { session } of neighbours.all)
        if (session.state === "open") bytes += session.sender.queue.chargedBytes;
      return bytes;
    };
    while (left() > 0 && clock.nowMs() < endMs) {
      await new Promise<void>((resolve) => {
        clock.setTimer(5, resolve);
      });
    }
    return left();
  }
}

function handledAll(session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    session.ping(() => {
      if (session.state === "open") resolve();
      else reject(new OmnibusError("closed", `the connection to ${session.link.remote} ended`));
    });
  });
}
