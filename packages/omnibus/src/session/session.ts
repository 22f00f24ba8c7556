import {
  asOmnibusError,
  defaultHandshakeMs,
  NameBudget,
  OmnibusError,
  type Slab,
  type Timer,
} from "../base/index.ts";
import type { Link, LinkReceiver } from "../link/index.ts";
import {
  type Address,
  type AddressKind,
  type AddressList,
  aliasType,
  authType,
  byeType,
  creditType,
  foreignPorts,
  FrameReader,
  gapType,
  hasRetired,
  helloType,
  interestType,
  maxFrameOverheadBytes,
  optionalFlag,
  pingType,
  pongType,
  readAliasRun,
  readyType,
  refusalType,
  type RunHeader,
  type RunSink,
} from "../wire/index.ts";
import { type Congestion, decodeCredit, decodeGap } from "./flow-runs.ts";
import {
  decodeAuth,
  decodeBye,
  decodeHello,
  decodeInterest,
  decodeRefusal,
  decodeWelcome,
  encodeAuth,
  encodeBye,
  encodeHello,
  encodeWelcome,
  type Hello,
  maxHandshakeBytes,
  type InterestStatement,
  type Refusal,
  type SessionCredentials,
  type Welcome,
} from "./handshake.ts";
import { FrameDeadline } from "./frame-deadline.ts";
import { InboundAliases } from "./inbound-aliases.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { Outbox } from "./outbox.ts";
import { SendQueue } from "./send-queue.ts";
import { Sender } from "./sender.ts";
import type { SessionOptions } from "./session-options.ts";
import { Statements } from "./statements.ts";

/** Ample for any mark that a ping carries. */
const maxPingBytes = 64;
/** After a goodbye the neighbour has so long to take what was sent and to close. */
const closeTimeoutMs = 2000;

/** Where a session stands: hello said, credentials shown, conversation, goodbye said, gone. */
export type SessionState = "hello" | "auth" | "open" | "closing" | "closed";

/** What a session tells its owner, and asks it. Calls never overlap. */
export interface SessionOwner {
  /** The node-wide address of a name that this neighbour uses. Throws `too-many`. */
  addressOf(session: Session, kind: AddressKind, name: string): Address;
  /** Accepting side: decides who the other side is. Completes by `session.admit` or `session.end`. */
  authenticate(session: Session, credentials: SessionCredentials): void;
  opened(session: Session): void;
  message(session: Session, address: Address, header: RunHeader, slab: Slab): void;
  /** A run whose records go to the addresses of `list`; the list is used again for the next one. */
  messageForSeveral(session: Session, list: AddressList, header: RunHeader, slab: Slab): void;
  interest(session: Session, statement: InterestStatement): void;
  /** The queue that was high is low again. */
  low(session: Session): void;
  /** The neighbour holds back, or lets go, what we publish to an address. */
  congestionChanged(session: Session, address: Address, congestion: Congestion): void;
  /** The neighbour had to drop messages for us. */
  gap(session: Session, address: Address, count: number): void;
  /** The neighbour will not do what we asked for. */
  refused(session: Session, refusal: Refusal): void;
  closed(session: Session, error: OmnibusError | undefined): void;
}

/** Numbers retire 2,048 at once: so often may those of one list, at most. */
const maxListings = 16;

/** The conversation with one neighbour over one link: handshake, aliases, flow, keep-alive. */
export class Session implements LinkReceiver, RunSink {
  readonly link: Link;
  readonly sender: Sender;
  /** What is said to the neighbour beside messages. */
  readonly say: Statements;
  /** Charged for what the neighbour makes us remember. */
  readonly names: NameBudget;
  state: SessionState = "hello";
  /** What the neighbour said of itself; there from state `auth` on. */
  peer: Hello | undefined;
  /** Who we are to the neighbour, or it to us; there from state `open` on. */
  welcome: Welcome | undefined;
  /** For the owner's use. */
  tag: unknown = undefined;

  readonly #owner: SessionOwner;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  readonly #inbound: InboundAliases;
  readonly #keepAlive: KeepAlive;
  readonly #frame = new FrameDeadline();
  #openedMs: number;

  #pausedBy: Set<object> | undefined;
  #hasAuth = false;
  #error: OmnibusError | undefined;
  #closeTimer: Timer | undefined;

  constructor(link: Link, outbox: Outbox, owner: SessionOwner, options: SessionOptions) {
    this.link = link;
    this.#owner = owner;
    this.#options = options;
    this.#outbox = outbox;
    this.#reader = new FrameReader(this, {
      maxFrameBytes: maxHandshakeBytes,
      hasHash: true,
      foreign: foreignPorts,
    });
    const queue = new SendQueue(link, options.limits, outbox.frames, () => owner.low(this));
    this.sender = new Sender(queue, outbox);
    this.say = new Statements(this.sender, outbox, () => this.#isDeaf());
    this.names = new NameBudget(options.maxNameBytes ?? Number.POSITIVE_INFINITY);
    this.#inbound = new InboundAliases(
      (kind, name) => owner.addressOf(this, kind, name),
      this.names,
    );
    const nowMs = options.clock.nowMs();
    this.#openedMs = link.acceptedMs ?? nowMs;
    this.#keepAlive = new KeepAlive(nowMs);
  }

  /** Whether this side dialled. */
  get isDialer(): boolean {
    return this.#options.credentials !== undefined;
  }

  /** Begins: the dialling side says hello. */
  start(): void {
    this.link.open(this);
    if (this.isDialer) this.say.control(helloType, encodeHello(this.#options.hello));
  }

  get wantedBytes(): number {
    return this.#reader.wantedBytes;
  }

  received(slab: Slab, start: number, end: number): number {
    if (this.state === "closed") return end;
    let used = end;
    this.#outbox.beginRead();
    try {
      used = this.#reader.read(slab, start, end);
      if (this.link.isMessageBased && used < end) {
        throw new OmnibusError(
          "bad-frame",
          "a message of the transport does not hold whole frames",
        );
      }
    } catch (error) {
      this.end(asOmnibusError(error));
      used = end;
    }
    const nowMs = this.#options.clock.nowMs();
    this.#keepAlive.heard(nowMs);
    this.#frame.read(nowMs, used === end, used > start);
    this.#outbox.endRead(nowMs);
    return used;
  }

  written(): void {
    const { queue } = this.sender;
    queue.written();
    this.#outbox.touch(queue);
    if (this.state !== "closing") return;
    // The goodbye waited behind what the link had not taken.
    this.#outbox.flush();
    if (queue.isEmpty) this.link.close();
  }

  closed(error?: OmnibusError): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#closeTimer?.cancel();
    this.sender.close();
    this.#keepAlive.end();
    this.#owner.closed(this, this.#error ?? error);
  }

  message(header: RunHeader, slab: Slab): void {
    if (this.state !== "open") {
      if (this.state === "closing" || this.state === "closed") return;
      throw new OmnibusError("not-authenticated", "a message came before the handshake was done");
    }
    if (header.source !== 0) this.#inbound.check(header.source);
    if (header.listed > 0) this.#messageForSeveral(header, slab);
    else this.#owner.message(this, this.#inbound.get(header.destination), header, slab);
  }

  #messageForSeveral(header: RunHeader, slab: Slab): void {
    const list = this.#outbox.arrivedList;
    // One that is given a number again may take that of one before it: then once more.
    for (let left = maxListings, isStale = true; isStale && left > 0; left--) {
      list.clear();
      for (let n = 0; n < header.listed; n++) list.add(this.#inbound.get(header.listedNumber(n)));
      isStale = hasRetired(list);
    }
    this.#owner.messageForSeveral(this, list, header, slab);
  }

  control(header: RunHeader): void {
    const { type, flags, bytes, bodyStart, bodyEnd } = header;
    if (this.state === "closed") return;
    if (type === byeType) {
      const error = decodeBye(bytes, bodyStart, bodyEnd);
      if (this.state !== "closing") this.#error = error;
      this.#finish();
      this.link.close();
      return;
    }
    if (this.state === "closing") return;
    if (flags !== 0 && flags !== optionalFlag) {
      // [WIRE-3.2]
      if (flags & optionalFlag) return;
      throw new OmnibusError("bad-run", `a run of type ${type} has unknown flags ${flags}`);
    }
    if (this.state !== "open") this.#handshake(type, bytes, bodyStart, bodyEnd);
    else this.#conversation(header);
  }

  #handshake(type: number, bytes: Uint8Array, start: number, end: number): void {
    if (type === helloType && this.peer === undefined) {
      this.peer = decodeHello(bytes, start, end);
      if (this.isDialer) {
        this.say.control(authType, encodeAuth(this.#options.credentials ?? { kind: "anonymous" }));
        this.#outbox.flush();
      } else {
        this.say.control(helloType, encodeHello(this.#options.hello));
      }
      this.state = "auth";
    } else if (type === authType && this.state === "auth" && !this.isDialer && !this.#hasAuth) {
      // Once only: who guesses passwords makes a connection for each.
      this.#hasAuth = true;
      this.#owner.authenticate(this, decodeAuth(bytes, start, end));
    } else if (type === readyType && this.state === "auth" && this.isDialer) {
      this.#open(decodeWelcome(bytes, start, end));
    } else {
      throw new OmnibusError(
        "not-authenticated",
        `a run of type ${type} came before the handshake was done`,
      );
    }
  }

  /** Accepting side: the neighbour is who it says. */
  admit(welcome: Welcome): void {
    if (this.state !== "auth") return;
    this.say.control(readyType, encodeWelcome(welcome));
    this.#outbox.flush();
    this.#open(welcome);
  }

  #open(welcome: Welcome): void {
    const { hello } = this.#options;
    const peer = this.peer;
    this.welcome = welcome;
    this.state = "open";
    const hasHash = !(hello.isIntegrityProtected && peer?.isIntegrityProtected === true);
    this.#reader.configure({ maxFrameBytes: hello.maxFrameBytes, hasHash });
    this.sender.queue.useHash(hasHash);
    if (peer !== undefined) this.sender.maxRunBytes = peer.maxFrameBytes - maxFrameOverheadBytes;
    this.#owner.opened(this);
  }

  #conversation(header: RunHeader): void {
    const { type, bytes, bodyStart, bodyEnd } = header;
    if (type === aliasType) this.#inbound.learn(readAliasRun(bytes, bodyStart, bodyEnd));
    else if (type === interestType)
      this.#owner.interest(this, decodeInterest(bytes, bodyStart, bodyEnd));
    else if (type === pingType) this.#pong(bytes, bodyStart, bodyEnd);
    else if (type === pongType) this.#keepAlive.answered();
    else if (type === creditType) this.#credit(bytes, bodyStart, bodyEnd);
    else if (type === gapType) {
      const { number, count } = decodeGap(bytes, bodyStart, bodyEnd);
      this.#owner.gap(this, this.#inbound.get(number), count);
    } else if (type === refusalType) {
      this.#owner.refused(this, decodeRefusal(bytes, bodyStart, bodyEnd));
    } else if ((header.flags & optionalFlag) === 0) {
      throw new OmnibusError(
        "bad-run",
        `runs of type ${type} are not known here, and this one is not optional`,
      );
    }
  }

  #pong(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > maxPingBytes) {
      throw new OmnibusError(
        "bad-run",
        `a ping of ${end - start} bytes; at most ${maxPingBytes} are allowed`,
      );
    }
    // Behind what came before the ping, and what that caused: history above all.
    this.say.answer(pongType, bytes.slice(start, end), "interactive");
  }

  #credit(bytes: Uint8Array, start: number, end: number): void {
    const { name, congestion } = decodeCredit(bytes, start, end);
    const address = this.#owner.addressOf(this, "topic", name);
    if (congestion === "hold") this.sender.hold(address);
    else this.sender.letGo(address);
    this.#owner.congestionChanged(this, address, congestion);
  }

  /** Reads nothing from the neighbour until everybody who asked for that has let go. */
  pauseReading(by: object): void {
    this.#pausedBy ??= new Set();
    if (this.#pausedBy.size === 0) this.link.pause();
    this.#pausedBy.add(by);
  }

  resumeReading(by: object): void {
    if (this.#pausedBy?.delete(by) !== true || this.#pausedBy.size > 0) return;
    this.#pausedBy = undefined;
    this.#keepAlive.heard(this.#options.clock.nowMs());
    this.link.resume();
  }

  /** Calls `done` when the neighbour has handled all that was sent before, or when the session ended. */
  ping(done: () => void): void {
    if (this.state !== "open") return done();
    this.#ping(done);
  }

  /** Ends the session with a reason; the neighbour is told. Without a reason it is a normal goodbye. */
  end(error?: OmnibusError): void {
    if (this.state === "closed" || this.state === "closing") return;
    this.#error = error;
    this.say.control(
      byeType,
      encodeBye(error ?? new OmnibusError("going-away", "the other side said goodbye")),
    );
    this.#outbox.flush();
    this.#finish();
    if (this.sender.queue.isEmpty) this.link.close();
  }

  /** A goodbye was said. A neighbour that neither reads nor closes is not waited for. */
  #finish(): void {
    this.state = "closing";
    this.#closeTimer ??= this.#options.clock.setTimer(closeTimeoutMs, () => this.link.destroy());
  }

  /** This process did not run for a while: nobody is to be blamed for what was not heard meanwhile. */
  pardon(nowMs: number): void {
    this.#keepAlive.heard(nowMs);
    this.#frame.pardon(nowMs);
    this.sender.pardon(nowMs);
  }

  /** To be called every few seconds: keep-alive, dead peers, handshakes that never end. */
  tick(nowMs: number, keepAliveMs: number): void {
    if (this.state === "hello" || this.state === "auth") {
      if (nowMs - this.#openedMs >= (this.#options.handshakeTimeoutMs ?? defaultHandshakeMs)) {
        this.end(new OmnibusError("timeout", "the handshake took too long"));
      }
      return;
    }
    if (this.#pausedBy !== undefined) this.#frame.pardon(nowMs);
    if (this.#frame.isOver(nowMs, this.#options.frameTimeoutMs ?? 30_000)) {
      this.end(new OmnibusError("timeout", "a frame took too long to come"));
      return;
    }
    const silence = this.#keepAlive.check(nowMs, keepAliveMs);
    if (silence === "none") return;
    if (this.#pausedBy !== undefined) {
      // Nothing can be heard while nothing is read; but the neighbour is to hear that we are here.
      this.#keepAlive.heard(nowMs);
      this.#ping();
    } else if (silence === "dead") {
      this.#error = new OmnibusError("timeout", `nothing was heard for ${keepAliveMs * 2.5} ms`);
      this.link.destroy();
    } else if (this.state === "open") {
      this.#ping();
    }
  }

  /** The neighbour asks and asks, and reads no answers: it is not kept. */
  #isDeaf(): void {
    this.#error = new OmnibusError("overloaded", "the answers to what it asks are not read");
    this.state = "closing";
    this.link.destroy();
  }

  #ping(done: () => void = () => undefined): void {
    this.#keepAlive.sent(done);
    this.say.control(pingType, new Uint8Array(0));
  }
}
