import type { Clock, OmnibusError, Slab } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import { AddressBook } from "../routing/index.ts";
import {
  type Congestion,
  type EncodedRun,
  type Hello,
  type InterestStatement,
  Outbox,
  type QueueLimits,
  queueLimits,
  type Refusal,
  RetiredNumbers,
  RunBuilder,
  scopeOf,
  Session,
  type SessionCredentials,
  type SessionOwner,
} from "../session/index.ts";
import {
  type Address,
  type AddressKind,
  type AddressList,
  BodyReader,
  isBodyIntact,
  RunHeader,
  splitRun,
  becomeSplit,
} from "../wire/index.ts";
import { ScramblingPool } from "./scrambling-pool.ts";

/** A message that arrived. */
export interface ArrivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface AttachOptions {
  /** With them this side dials. */
  readonly credentials?: SessionCredentials;
  readonly limits?: QueueLimits;
  readonly hello?: Partial<Hello>;
  readonly handshakeTimeoutMs?: number;
  readonly maxNameBytes?: number;
}

/** A node with sessions and nothing above them: writes down what they tell, and forwards if asked to. */
export class SessionNode implements SessionOwner {
  readonly clock: Clock;
  readonly pool: ScramblingPool = new ScramblingPool(65_536, 8);
  readonly outbox: Outbox;
  readonly book: AddressBook;
  readonly sessions: Session[] = [];
  /** What the sessions told besides messages. */
  readonly events: string[] = [];
  readonly arrived: ArrivedMessage[] = [];
  /** Sessions that get each run that comes from another one. */
  readonly forwardTo: Session[] = [];
  /** Decides who an accepted neighbour is. */
  authenticateWith: (session: Session, credentials: SessionCredentials) => void = (session) =>
    session.admit({ principal: "somebody", role: "leaf" });
  /** Called for each run, before it is read or forwarded. */
  onRun: (session: Session, address: Address) => void = () => undefined;
  readonly #builder: RunBuilder;
  readonly #reader = new BodyReader();
  #targets: readonly Session[] = [];

  constructor(clock: Clock, options: { maxAddresses?: number } = {}) {
    this.clock = clock;
    this.outbox = new Outbox(clock, this.pool);
    this.book = new AddressBook({
      ...options,
      oldestTick: () => this.#oldestTick(),
      isPinned: () => false,
      retired: (addresses) => {
        const retired = new RetiredNumbers(addresses);
        for (const { sender } of this.sessions) sender.forget(retired);
      },
    });
    this.#builder = new RunBuilder(this.outbox, clock, (run) => this.#fanOut(run));
  }

  #oldestTick(): number {
    const { tick } = this.outbox;
    return this.sessions.reduce(
      (oldest, { sender }) => Math.min(oldest, sender.queue.sinceTick),
      tick,
    );
  }

  #fanOut(run: EncodedRun): void {
    for (const session of this.#targets) {
      if (run.list === undefined) session.sender.send(run);
      else session.sender.sendSeveral(run);
    }
  }

  attach(link: Link, options: AttachOptions = {}): Session {
    const { credentials, handshakeTimeoutMs, maxNameBytes } = options;
    const session = new Session(link, this.outbox, this, {
      clock: this.clock,
      limits: options.limits ?? queueLimits(1 << 20),
      hello: {
        versions: [0, 0],
        nodeId: new Uint8Array(32).fill(1),
        name: "node",
        incarnation: 1,
        maxFrameBytes: 1 << 21,
        isIntegrityProtected: link.isIntegrityProtected,
        capabilities: 0,
        ...options.hello,
      },
      ...(credentials === undefined ? {} : { credentials }),
      ...(handshakeTimeoutMs === undefined ? {} : { handshakeTimeoutMs }),
      ...(maxNameBytes === undefined ? {} : { maxNameBytes }),
    });
    this.sessions.push(session);
    session.start();
    return session;
  }

  topic(name: string): Address {
    return this.book.get("topic", name);
  }

  /** Publishes to some sessions, or all. Goes out at the next flush. `mayJoin`: in a run for several. */
  publish(
    topic: string,
    payload: Uint8Array,
    options: { to?: readonly Session[]; isPatient?: boolean; mayJoin?: boolean } = {},
  ): void {
    const targets = options.to ?? this.sessions;
    if (targets !== this.#targets) this.#builder.close();
    this.#targets = targets;
    const scope = scopeOf("global", options.isPatient ?? false);
    const record = { format: 0, bytes: payload, start: 0, end: payload.length } as const;
    this.#builder.add(this.topic(topic), scope, record, undefined, options.mayJoin);
  }

  addressOf(_session: Session, kind: AddressKind, name: string): Address {
    return this.book.get(kind, name);
  }

  authenticate(session: Session, credentials: SessionCredentials): void {
    this.authenticateWith(session, credentials);
  }

  opened(session: Session): void {
    const { principal = "", role = "" } = session.welcome ?? {};
    this.events.push(`opened ${principal} ${role}`);
  }

  message(session: Session, address: Address, header: RunHeader, slab: Slab): void {
    this.onRun(session, address);
    const { bytes, bodyStart, bodyEnd } = header;
    if (this.forwardTo.length > 0) this.#forward(session, address, header, slab);
    if (!isBodyIntact(bytes, bodyStart, bodyEnd)) {
      this.events.push(`damaged ${address.name}`);
      return;
    }
    const reader = this.#reader;
    reader.open(bytes, bodyStart, bodyEnd);
    while (reader.next()) {
      const payload = bytes.slice(reader.payloadStart, reader.payloadEnd);
      this.arrived.push({ topic: address.name, payload });
    }
  }

  messageForSeveral(session: Session, list: AddressList, header: RunHeader, slab: Slab): void {
    for (const run of splitRun(list, header.bytes, header.bodyStart, header.bodyEnd)) {
      const one = new RunHeader();
      becomeSplit(one, header, run);
      this.message(session, run.address, one, slab);
    }
  }

  #forward(from: Session, address: Address, header: RunHeader, slab: Slab): void {
    const out = {
      destination: address.number,
      source: 0,
      scope: header.scope - 1,
      entry: 0,
      entrySequence: 0,
      chosen: 0,
      more: 0,
      logPosition: 0,
      logPrevious: 0,
    };
    const run = this.outbox.encodeRun(address, out, slab, header.bodyStart, header.bodyEnd);
    for (const session of this.forwardTo) if (session !== from) session.sender.send(run);
  }

  interest(_session: Session, { isAdded, pattern, realm, replay }: InterestStatement): void {
    this.events.push(`${isAdded ? "wants" : "unwants"} ${pattern} ${realm} ${replay}`);
  }

  low(): void {
    this.events.push("low");
  }

  congestionChanged(_session: Session, address: Address, congestion: Congestion): void {
    this.events.push(`${congestion} ${address.name}`);
  }

  gap(_session: Session, address: Address, count: number): void {
    this.events.push(`gap ${address.name} ${count}`);
    // In the order of the messages.
    this.arrived.push({ topic: `gap ${address.name} ${count}`, payload: new Uint8Array(0) });
  }

  refused(_session: Session, { verb, name, error }: Refusal): void {
    this.events.push(`refused ${verb} ${name} ${error.message}`);
  }

  closed(_session: Session, error: OmnibusError | undefined): void {
    this.events.push(`closed ${error?.message ?? ""}`.trimEnd());
  }

  /** First bytes of what arrived, as `topic:byte`; gaps between. */
  get seen(): string[] {
    return this.arrived.map(({ topic, payload }) =>
      payload.length === 0 ? topic : `${topic}:${payload[0]}`,
    );
  }
}
