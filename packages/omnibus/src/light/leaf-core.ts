import {
  type Clock,
  defaultMessageBytes,
  OmnibusError,
  type Random,
  type Realm,
  realmNumber,
} from "../base/index.ts";
import {
  type ArrivalHost,
  Arrivals,
  type BusStats,
  Drain,
  EventHub,
  LocalSubscribers,
  openAuthority,
  type Origin,
  type RunningSubscription,
  type ViewHost,
} from "../bus/index.ts";
import type { Link } from "../link/index.ts";
import {
  frameSpareBytes,
  type Hello,
  type QueueLimits,
  queueLimits,
  type Refusal,
  type SessionCredentials,
} from "../session/index.ts";
import {
  Address,
  type AddressList,
  frameVersion,
  peekRecordCount,
  type RunHeader,
  scopeRealmMask,
  scopeRealmShift,
} from "../wire/index.ts";
import { LeafPublishing, type PublishingHost } from "./leaf-publishing.ts";
import { type LeafOwner, LeafSession } from "./leaf-session.ts";
import type { LightBusOptions } from "./light-options.ts";

/** The length of a run's body must fit what every node takes. */
const largestMessageBytes = 134_217_728;

/** The server, as what this process tells of subscriptions sees it. */
export interface LeafNeighbour {
  readonly session: LeafSession;
  readonly origin: Origin;
}

/** Who in this process wants the messages of an address. */
interface Receivers {
  readonly version: number;
  readonly receivers: readonly RunningSubscription[];
  readonly isWantedHere: boolean;
  readonly isCovered: false;
}

/** What all parts of a light bus share, and what its session asks of it. */
export class LeafCore implements ViewHost, ArrivalHost, PublishingHost, LeafOwner {
  readonly clock: Clock;
  readonly realm: Realm;
  readonly hello: Hello;
  readonly limits: QueueLimits;
  readonly authority: ViewHost["authority"] = openAuthority;
  readonly log = undefined;
  readonly subscribers: LocalSubscribers = new LocalSubscribers();
  readonly neighbours: { readonly all: Set<LeafNeighbour> } = { all: new Set<LeafNeighbour>() };
  readonly events: EventHub;
  readonly drain: Drain = new Drain(this.neighbours);
  readonly publishing: LeafPublishing;
  readonly stats: BusStats = {
    published: 0,
    delivered: 0,
    received: 0,
    dropped: 0,
    overflowed: 0,
    missed: 0,
    malformed: 0,
    denied: 0,
    invalid: 0,
    sessions: 0,
  };
  isClosed = false;
  /** Whether there is no session with the server: what goes out is dropped, and counted. */
  isCutOff = true;
  /** Set by the open bus. */
  onOpened: () => void = () => undefined;
  onClosed: (error: OmnibusError | undefined) => void = () => undefined;
  readonly #arrivals: Arrivals = new Arrivals(this);
  #wallMs = 0;

  constructor(options: LightBusOptions, clock: Clock, random: Random) {
    this.clock = clock;
    this.realm = options.realm ?? "global";
    const maxMessageBytes = options.maxMessageBytes ?? defaultMessageBytes;
    if (!(maxMessageBytes >= 1024 && maxMessageBytes <= largestMessageBytes)) {
      throw new RangeError(`maxMessageBytes must be 1,024 to ${largestMessageBytes}`);
    }
    this.limits = queueLimits(options.maxQueueBytes ?? 1_048_576);
    this.hello = {
      versions: [frameVersion, frameVersion],
      nodeId: random.bytes(32),
      name: options.name ?? "",
      incarnation: clock.wallMs(),
      maxFrameBytes: maxMessageBytes + frameSpareBytes,
      isIntegrityProtected: false,
      capabilities: 0,
    };
    this.events = new EventHub(clock, options.report ?? ((line) => console.error(line)));
    this.publishing = new LeafPublishing(this, maxMessageBytes);
  }

  /** The session with the server while it is open. */
  get server(): LeafNeighbour | undefined {
    for (const neighbour of this.neighbours.all)
      if (neighbour.session.state === "open") return neighbour;
    return undefined;
  }

  checkOpen(): void {
    if (this.isClosed) throw new OmnibusError("closed", "the bus is closed");
  }

  /** There is no history here. */
  asQueueable(): never {
    throw new OmnibusError("no-log", "a light bus keeps no history");
  }

  /** The wall clock, read at most once in a tick. */
  wallMs(): number {
    if (this.#wallMs === 0) {
      this.#wallMs = this.clock.wallMs();
      this.clock.atTickEnd(() => (this.#wallMs = 0));
    }
    return this.#wallMs;
  }

  /** Addresses by name, for what asks for one; numbers are the session's business. */
  readonly book: { get(kind: "topic", name: string): Address } = {
    get: (kind, name) => new Address(0, kind, name),
  };

  /** Who wants the messages of an address, kept with it until somebody subscribes or ends. */
  readonly reach: { of(address: Address): Receivers } = {
    of: (address) => {
      const { version } = this.subscribers;
      const kept = address.reach as Receivers | undefined;
      if (kept?.version === version) return kept;
      const receivers = this.subscribers.of(address.name);
      const found: Receivers = {
        version,
        receivers,
        isWantedHere: receivers.length > 0,
        isCovered: false,
      };
      address.reach = found;
      return found;
    },
  };

  /** Begins a session over a link. */
  connected(link: Link, credentials: SessionCredentials): void {
    const { clock, limits } = this;
    const hello = { ...this.hello, isIntegrityProtected: link.isIntegrityProtected };
    const session = new LeafSession(link, this, { clock, limits, hello, credentials });
    session.sender.closeRun = () => this.publishing.closeRun();
    const origin = { realmNumber: realmNumber(link.realm), isElsewhere: true };
    this.neighbours.all.add({ session, origin });
    session.start();
  }

  opened(session: LeafSession): void {
    this.stats.sessions++;
    const { server } = this;
    if (server !== undefined)
      for (const one of this.subscribers.all()) this.state(server, one, true);
    this.setCutOff(false);
    this.onOpened();
    this.events.tell("connected", { remote: session.link.remote, principal: session.principal });
  }

  /** Tells the server of a subscription, or of its end. */
  state({ session, origin }: LeafNeighbour, one: RunningSubscription, isAdded: boolean): void {
    if (one.realmNumber < origin.realmNumber) return;
    const { pattern, realm, replay } = one;
    session.say.interest({
      isAdded,
      pattern,
      realm,
      replay: isAdded && one.isCatchingUp ? replay : 0,
    });
  }

  setCutOff(isCutOff: boolean): void {
    this.isCutOff = isCutOff;
    this.drain.setCutOff(isCutOff);
  }

  closed(session: LeafSession, error: OmnibusError | undefined): void {
    // What was gathered in this tick is lost, too.
    this.publishing.closeRun();
    for (const one of this.neighbours.all)
      if (one.session === session) this.neighbours.all.delete(one);
    this.stats.dropped += session.sender.lost;
    const wasOpen = this.stats.sessions > 0;
    if (wasOpen) this.stats.sessions--;
    this.setCutOff(!this.isClosed);
    this.onClosed(error);
    if (!this.isClosed) this.events.tell("disconnected", { remote: session.link.remote, error });
    this.drain.check();
  }

  message(session: LeafSession, address: Address, header: RunHeader): void {
    const from = this.#sourceOf(session, header);
    if (from !== undefined) this.#arrivals.run(from, address, header);
  }

  messageForSeveral(session: LeafSession, list: AddressList, header: RunHeader): void {
    const from = this.#sourceOf(session, header);
    if (from !== undefined) this.#arrivals.runForSeveral(from, list, header);
  }

  /** [WIRE-4.2] A run that is too narrow for the link should not have crossed it: undefined. */
  #sourceOf(session: LeafSession, header: RunHeader): LeafNeighbour | undefined {
    const { server } = this;
    if (server?.session !== session) return undefined;
    if (((header.scope >> scopeRealmShift) & scopeRealmMask) >= server.origin.realmNumber)
      return server;
    this.stats.malformed += peekRecordCount(header.bytes, header.bodyStart, header.bodyEnd);
    return undefined;
  }

  gap(address: Address, count: number): void {
    this.stats.missed += count;
    for (const subscription of this.reach.of(address).receivers) subscription.noteMissed(count);
  }

  refused({ verb, name, error }: Refusal): void {
    if (verb === "publish") {
      this.events.tell("error", error);
      return;
    }
    for (const subscription of this.subscribers.all())
      if (subscription.pattern === name) subscription.fail(error);
  }

  /** The queue of a subscription dropped a message. */
  overflowed(topic: string): void {
    this.stats.overflowed++;
    this.events.overflow.add(topic, 1);
  }

  dropped(topic: string, messages: number, isOversized: boolean): void {
    this.stats.dropped += messages;
    this.events.overflow.add(topic, messages);
    const session = this.server?.session;
    if (!isOversized || session === undefined) return;
    const { link, sender } = session;
    const text = `a message to ${topic} was not sent: ${link.remote} takes at most ${sender.maxRunBytes} bytes`;
    this.events.tell("error", new OmnibusError("too-big", text));
  }

  relieved(): void {
    this.drain.check();
  }
}
