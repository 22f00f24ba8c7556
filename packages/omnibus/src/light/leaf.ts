import {
  type Clock,
  defaultMessageBytes,
  OmnibusError,
  type Random,
  type Realm,
  systemClock,
  systemRandom,
} from "../base/index.ts";
import {
  type ArrivalHost,
  Arrivals,
  type BusStats,
  Drain,
  EventHub,
  LocalSubscribers,
  newStats,
  type RunningSubscription,
  Uplink,
  type UplinkHost,
  type ViewHost,
} from "../bus/index.ts";
import { createWebSocketDialer, type Link } from "../link/index.ts";
import {
  frameSpareBytes,
  type Hello,
  type QueueLimits,
  queueLimits,
  type Refusal,
  type SessionCredentials,
} from "../session/index.ts";
import { type Address, frameVersion } from "../wire/index.ts";
import { LeafAnnouncer } from "./leaf-announcer.ts";
import { LeafPublishing } from "./leaf-publishing.ts";
import { LeafSession, type SessionHost } from "./leaf-session.ts";
import type { LightBusOptions } from "./light-options.ts";

/** The length of a run's body must fit what every node takes. */
const largestMessageBytes = 134_217_728;

/** Who in this process wants the messages of an address. */
interface Receivers {
  readonly version: number;
  readonly receivers: readonly RunningSubscription[];
  readonly isWantedHere: boolean;
  readonly isCovered: false;
}

/** What all parts of a light bus share, and what its session asks of it. */
export class Leaf implements ViewHost, ArrivalHost, SessionHost, UplinkHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly realm: Realm;
  readonly hello: Hello;
  readonly credentials: SessionCredentials;
  readonly limits: QueueLimits;
  readonly maxMessageBytes: number;
  readonly log = undefined;
  readonly stats: BusStats = newStats();
  readonly subscribers: LocalSubscribers = new LocalSubscribers();
  readonly events: EventHub;
  readonly drain: Drain = new Drain();
  readonly arrivals: Arrivals = new Arrivals(this);
  readonly announcer: LeafAnnouncer = new LeafAnnouncer(this);
  readonly publishing: LeafPublishing;
  /** The session over the last link, whatever its state. */
  session: LeafSession | undefined;
  isClosed = false;
  /** Whether there is no session although there should be: what goes out is dropped, and counted. */
  isCutOff = true;
  readonly uplink: Uplink;

  /** Throws `connect-failed` for an address that cannot be dialled. */
  constructor(options: LightBusOptions) {
    const { clock = systemClock, random = systemRandom } = options;
    const { maxMessageBytes = defaultMessageBytes, maxQueueBytes = 1_048_576 } = options;
    if (!(maxMessageBytes >= 1024 && maxMessageBytes <= largestMessageBytes))
      throw new RangeError(`maxMessageBytes must be 1,024 to ${largestMessageBytes}`);
    this.clock = clock;
    this.random = random;
    this.realm = options.realm ?? "global";
    this.credentials = options.credentials ?? { kind: "anonymous" };
    this.limits = queueLimits(maxQueueBytes);
    this.maxMessageBytes = maxMessageBytes;
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
    this.publishing = new LeafPublishing(this);
    const dialers = options.dialers ?? [createWebSocketDialer()];
    this.uplink = new Uplink(options.connect, { ...options, dialers }, this);
  }

  /** The session while it is open. */
  get server(): LeafSession | undefined {
    return this.session?.state === "open" ? this.session : undefined;
  }

  checkOpen(): void {
    if (this.isClosed) throw new OmnibusError("closed", "the bus is closed");
  }

  /** A subscription of this process begins. */
  begin(subscription: RunningSubscription): void {
    this.subscribers.add(subscription);
  }

  /** Who wants the messages of an address, kept with it until somebody subscribes or ends. */
  readonly reach: { of(address: Address): Receivers } = {
    of: (address) => {
      const { version } = this.subscribers;
      const kept = address.reach as Receivers | undefined;
      if (kept?.version === version) return kept;
      const receivers = this.subscribers.of(address.name);
      const isWantedHere = receivers.length > 0;
      const found: Receivers = { version, receivers, isWantedHere, isCovered: false };
      address.reach = found;
      return found;
    },
  };

  setCutOff(isCutOff: boolean): void {
    this.isCutOff = isCutOff;
    this.drain.setCutOff(isCutOff);
  }

  /** Begins a session. */
  connected(link: Link): void {
    this.session = new LeafSession(link, this);
    this.session.start();
  }

  failed(error: OmnibusError): void {
    this.events.tell("error", error);
  }

  /** There will be no session any more: nothing is to be waited for. */
  gaveUp(): void {
    this.setCutOff(false);
  }

  opened(): void {
    const { remote, principal } = this.session as LeafSession;
    this.stats.sessions = 1;
    this.setCutOff(false);
    this.uplink.sessionOpened();
    this.announcer.opened();
    this.events.tell("connected", { remote, principal });
  }

  closed(error: OmnibusError | undefined): void {
    const { remote, sender } = this.session as LeafSession;
    this.stats.dropped += sender.close();
    this.stats.sessions = 0;
    this.setCutOff(!this.isClosed);
    this.uplink.sessionEnded(error);
    if (!this.isClosed) this.events.tell("disconnected", { remote, error });
    this.drain.check();
  }

  strayed(messages: number): void {
    this.stats.malformed += messages;
  }

  gap(address: Address, count: number): void {
    this.stats.missed += count;
    const from = this.session as LeafSession;
    this.subscribers.noteMissed(this.reach.of(address).receivers, count, from);
  }

  refused({ verb, name, error }: Refusal): void {
    if (verb === "publish") return this.failed(error);
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
    const { server } = this;
    if (!isOversized || server === undefined) return;
    const { remote, sender } = server;
    const text = `a message to ${topic} was not sent: ${remote} takes at most ${sender.maxRunBytes} bytes`;
    this.failed(new OmnibusError("too-big", text));
  }

  relieved(): void {
    this.drain.check();
  }
}
