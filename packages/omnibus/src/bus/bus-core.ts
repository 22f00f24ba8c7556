import {
  type Clock,
  defaultMessageBytes,
  OmnibusError,
  type Random,
  type Realm,
} from "../base/index.ts";
import { AddressBook } from "../routing/index.ts";
import {
  frameSpareBytes,
  type Hello,
  type InterestStatement,
  Outbox,
  type QueueLimits,
  queueLimits,
  type Refusal,
  type SessionCredentials,
} from "../session/index.ts";
import { type Address, type AddressList, frameVersion, type RunHeader } from "../wire/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { BusContext } from "./bus-context.ts";
import { type BusOptions, type BusStats, newStats } from "./bus-options.ts";
import type { Principal } from "./bus-view.ts";
import { Drain } from "./drain.ts";
import { EventHub } from "./event-hub.ts";
import { LocalMessage } from "./local-message.ts";
import { LocalSubscribers } from "./local-subscribers.ts";
import type { Message, QueueableMessage } from "./message.ts";
import type { Neighbour } from "./neighbour.ts";
import { type NeighbourLimits, neighbourLimits } from "./neighbour-limits.ts";
import type { NeighbourHost } from "./neighbour-host.ts";
import { Neighbours } from "./neighbours.ts";
import { openAuthority } from "./open-authority.ts";
import type { Authority, Caller, LogProvider } from "./plugs.ts";
import { Publishing } from "./publishing.ts";
import { ReachTable } from "./reach.ts";
import { formatNumber } from "./received-message.ts";
import { cutReplay, replayCost } from "./replay-cut.ts";
import type { RunningSubscription } from "./subscription.ts";
import type { ViewPace } from "./view-pace.ts";

/** The length of a run's body must fit the place that is kept for it. [WIRE-1.2] */
const largestMessageBytes = 134_217_728;
/** Messages of history that one subscription may ask for, of each topic. */
const maxReplay = 10_000;

/** What all parts of an open bus share, and what its neighbours ask of it. */
export class BusCore implements BusContext, NeighbourHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly realm: Realm;
  readonly book: AddressBook;
  readonly outbox: Outbox;
  readonly hello: Hello;
  readonly limits: QueueLimits;
  readonly neighbourLimits: NeighbourLimits;
  readonly authority: Authority;
  readonly log: LogProvider | undefined;
  readonly subscribers: LocalSubscribers = new LocalSubscribers();
  readonly neighbours: Neighbours;
  readonly reach: ReachTable;
  readonly events: EventHub;
  readonly drain: Drain = new Drain();
  readonly stats: BusStats = newStats();
  /** Of callers that have brought new topics lately. */
  readonly paces: Set<ViewPace> = new Set<ViewPace>();
  isClosed = false;
  /** Whether this bus is to be connected to servers and is to none: what goes out is dropped, and counted. */
  isCutOff = false;
  /** Set by the open bus. */
  onOpened: (neighbour: Neighbour) => void = () => undefined;
  onClosed: (neighbour: Neighbour, error: OmnibusError | undefined) => void = () => undefined;
  readonly publishing: Publishing;
  readonly #arrivals: Arrivals;
  #verdictVersion = 0;
  #wallMs = 0;
  readonly #forgetWallMs = (): void => {
    this.#wallMs = 0;
  };

  constructor(
    options: BusOptions & { readonly clock: Clock; readonly random: Random; readonly realm: Realm },
  ) {
    this.clock = options.clock;
    this.random = options.random;
    this.realm = options.realm;
    const maxMessageBytes = options.maxMessageBytes ?? defaultMessageBytes;
    if (!(maxMessageBytes >= 1024 && maxMessageBytes <= largestMessageBytes)) {
      throw new RangeError(`maxMessageBytes must be 1,024 to ${largestMessageBytes}`);
    }
    this.limits = queueLimits(options.maxQueueBytes ?? 1_048_576);
    this.neighbourLimits = neighbourLimits(options.neighbourLimits ?? {});
    this.authority = options.authority ?? openAuthority;
    this.log = options.log;
    this.hello = {
      versions: [frameVersion, frameVersion],
      nodeId: options.random.bytes(32),
      name: options.name ?? "",
      incarnation: this.clock.wallMs(),
      maxFrameBytes: maxMessageBytes + frameSpareBytes,
      isIntegrityProtected: false,
      capabilities: 0,
    };
    this.book = new AddressBook({
      oldestTick: () => this.#oldestTick(),
      isPinned: (address) => this.#isPinned(address),
      retired: (addresses) => this.#retired(addresses),
    });
    this.outbox = new Outbox(this.clock);
    this.neighbours = new Neighbours(this);
    this.reach = new ReachTable({
      router: this.neighbours.router,
      subscribers: this.subscribers,
      log: this.log,
    });
    this.events = new EventHub(this.clock, options.report ?? ((line) => console.error(line)));
    this.publishing = new Publishing(this, {
      maxMessageBytes,
      isStrict: options.strict ?? false,
      realm: this.realm,
    });
    this.#arrivals = new Arrivals(this);
  }

  checkOpen(): void {
    if (this.isClosed) throw new OmnibusError("closed", "the bus is closed");
  }

  // What neighbours ask for.

  async authenticate(credentials: SessionCredentials, from: Caller): Promise<Principal> {
    const given =
      credentials.kind === "anonymous"
        ? ({ kind: "anonymous", protocol: "native" } as const)
        : credentials;
    return await this.authority.authenticate(given, from);
  }

  mayPublish(principal: Principal, topic: string): boolean {
    return this.authority.may(principal, "publish", topic);
  }

  maySubscribe(principal: Principal, pattern: string): boolean {
    return this.authority.may(principal, "subscribe", pattern);
  }

  get authorityVersion(): number {
    return this.authority.version;
  }

  /** A subscription of this process begins: with what it asked for of the history that is here. */
  begin(subscription: RunningSubscription): void {
    const { pattern, replay } = subscription;
    for (const message of replay > 0 ? (this.log?.last(pattern, replay) ?? []) : []) {
      if (subscription.mayReceive(message.topic)) subscription.deliver(asQueueable(message), false);
    }
    this.subscribers.add(subscription);
  }

  /** The wall clock, read at most once in a tick. */
  wallMs(): number {
    if (this.#wallMs === 0) {
      this.#wallMs = this.clock.wallMs();
      this.clock.atTickEnd(this.#forgetWallMs);
    }
    return this.#wallMs;
  }

  /** Tells the tables when permissions have changed. To be called now and then. */
  checkVerdicts(): void {
    if (this.#verdictVersion === this.authority.version) return;
    this.#verdictVersion = this.authority.version;
    this.subscribers.version++;
    this.neighbours.router.version++;
  }

  opened(neighbour: Neighbour): void {
    const { session } = neighbour;
    this.stats.sessions++;
    if (session.isDialer) {
      for (const subscription of this.subscribers.all()) this.state(neighbour, subscription, true);
    }
    this.onOpened(neighbour);
    this.events.tell("connected", {
      remote: session.link.remote,
      principal: session.welcome?.principal ?? "",
    });
  }

  /** Tells a neighbour of a subscription, or of its end. */
  state(neighbour: Neighbour, subscription: RunningSubscription, isAdded: boolean): void {
    if (subscription.realmNumber < neighbour.realmNumber) return;
    const { session, catchUps } = neighbour;
    const { pattern, realm } = subscription;
    const replay = isAdded && subscription.wantsHistory ? subscription.replay : 0;
    session.say.interest({ isAdded, pattern, realm, replay });
    if (replay === 0) return;
    catchUps.asked(subscription);
    session.ping(() => (this.stats.delivered += catchUps.caughtUp(subscription)));
  }

  setCutOff(isCutOff: boolean): void {
    this.isCutOff = isCutOff;
    this.drain.setCutOff(isCutOff);
  }

  closed(neighbour: Neighbour, error: OmnibusError | undefined): void {
    // What waited for a server that is gone is lost; what waited for a client is the client's affair.
    if (neighbour.session.isDialer) this.stats.dropped += neighbour.session.sender.lost;
    if (neighbour.session.welcome !== undefined) this.stats.sessions--;
    this.onClosed(neighbour, error);
    if (this.isClosed) return;
    this.events.tell("disconnected", { remote: neighbour.session.link.remote, error });
  }

  arrived(neighbour: Neighbour, address: Address, header: RunHeader): void {
    this.#arrivals.run(neighbour, address, header);
  }

  arrivedForSeveral(neighbour: Neighbour, list: AddressList, header: RunHeader): void {
    this.#arrivals.runForSeveral(neighbour, list, header);
  }

  strayed(messages: number): void {
    this.stats.malformed += messages;
  }

  malformed(error: OmnibusError): void {
    this.#arrivals.malformed(error);
  }

  replay(neighbour: Neighbour, { pattern, replay }: InterestStatement): number {
    if (this.log === undefined) return 0;
    const { principal, session } = neighbour;
    const { limits, chargedBytes } = session.sender.queue;
    const messages = this.log.last(pattern, Math.min(replay, maxReplay));
    const { sent, missed } = cutReplay(
      messages,
      limits.maxBytes - chargedBytes,
      (topic) => principal === undefined || this.maySubscribe(principal, topic),
    );
    for (const [topic, count] of missed) {
      const address = this.book.get("topic", topic);
      session.sender.noteMissed(address, count);
      this.dropped(address, count);
    }
    this.publishing.replay(neighbour, sent);
    return replayCost(this.log, pattern, messages.length);
  }

  denied(neighbour: Neighbour, topic: string, messages: number): void {
    this.stats.denied += messages;
    neighbour.refusals ??= this.events.throttle((name) => this.#refuse(neighbour, name), {
      isPrompt: true,
    });
    neighbour.refusals.add(topic, messages);
  }

  #refuse({ session, principal }: Neighbour, name: string): void {
    const error = new OmnibusError("denied", `${principal?.name ?? ""} may not publish to ${name}`);
    session.say.refusal({ verb: "publish", name, error });
  }

  refused(_neighbour: Neighbour, refusal: Refusal): void {
    if (refusal.verb === "publish") {
      this.events.tell("error", refusal.error);
      return;
    }
    for (const subscription of this.subscribers.all()) {
      if (subscription.pattern === refusal.name) subscription.fail(refusal.error);
    }
  }

  dropped(address: Address, messages: number): void {
    this.stats.dropped += messages;
    this.events.overflow.add(address.name, messages);
  }

  /** The queue of a subscription of this process dropped a message. */
  overflowed(topic: string): void {
    this.stats.overflowed++;
    this.events.overflow.add(topic, 1);
  }

  oversized(remote: string, topic: string, maxBytes: number): void {
    const text = `a message to ${topic} was not sent: ${remote} takes at most ${maxBytes} bytes`;
    this.events.tell("error", new OmnibusError("too-big", text));
  }

  missed(neighbour: Neighbour, address: Address, count: number): void {
    this.stats.missed += count;
    this.subscribers.noteMissed(this.reach.of(address).receivers, count, neighbour);
  }

  relieved(): void {
    this.drain.check();
  }

  #oldestTick(): number {
    let oldest = this.outbox.tick;
    for (const { session } of this.neighbours.all)
      oldest = Math.min(oldest, session.sender.queue.sinceTick);
    return oldest;
  }

  #isPinned(address: Address): boolean {
    if (address.kind !== "node") return false;
    for (const neighbour of this.neighbours.all) if (neighbour.source === address) return true;
    return false;
  }

  #retired(addresses: readonly Address[]): void {
    this.neighbours.forgetNumbers(addresses);
  }
}

/** A message from history as it can be queued. */
function asQueueable(message: Message): QueueableMessage {
  if ("withMissed" in message && message.isReplay) return message as QueueableMessage;
  const { bytes } = message;
  return LocalMessage.ofRaw(message, { format: formatNumber(message.format), bytes }).asReplay();
}
