import {
  asOmnibusError,
  type Clock,
  defaultHandshakeMs,
  NameBudget,
  OmnibusError,
  type Slab,
  type Timer,
} from "../base/index.ts";
import type { Link, LinkReceiver } from "../link/index.ts";
import {
  decodeBye,
  decodeCredit,
  decodeGap,
  decodeHello,
  decodeInterest,
  decodeRefusal,
  decodeWelcome,
  encodeAuth,
  encodeBye,
  encodeCredit,
  encodeHello,
  encodeInterest,
  FrameDeadline,
  type Hello,
  InboundAliases,
  type Statements,
  KeepAlive,
  maxHandshakeBytes,
  type QueueLimits,
  type Refusal,
  type SessionCredentials,
  type SessionState,
} from "../session/index.ts";
import {
  Address,
  AddressList,
  aliasType,
  authType,
  byeType,
  creditType,
  FrameReader,
  gapType,
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
import { LeafSender, type SenderOwner } from "./leaf-sender.ts";

/** Ample for any mark that a ping carries. */
const maxPingBytes = 64;
/** A server that does not read may have this many bytes of answers waiting, beside a full queue. */
const maxAnswerBytes = 65_536;
/** After a goodbye the server has so long to take what was sent and to close. */
const closeTimeoutMs = 2000;
const frameTimeoutMs = 30_000;

/** What a leaf's session tells its owner. Calls never overlap. */
export interface LeafOwner extends SenderOwner {
  opened(session: LeafSession): void;
  message(session: LeafSession, address: Address, header: RunHeader): void;
  /** A run whose records go to the addresses of `list`; the list is used again for the next one. */
  messageForSeveral(session: LeafSession, list: AddressList, header: RunHeader): void;
  /** The server had to drop messages for us. */
  gap(address: Address, count: number): void;
  /** The server will not do what we asked for. */
  refused(refusal: Refusal): void;
  closed(session: LeafSession, error: OmnibusError | undefined): void;
}

export interface LeafSessionOptions {
  readonly clock: Clock;
  readonly hello: Hello;
  readonly limits: QueueLimits;
  readonly credentials: SessionCredentials;
}

/**
 * The dialling half of a session, for who has one neighbour: its server. `state` is what it is in every
 * session: hello said, credentials shown, conversation, goodbye said, gone.
 */
export class LeafSession implements LinkReceiver, RunSink {
  readonly link: Link;
  readonly sender: LeafSender;
  readonly isDialer = true;
  state: SessionState = "hello";
  /** Who we are to the server; there from state `open` on. */
  principal = "";
  readonly #owner: LeafOwner;
  readonly #options: LeafSessionOptions;
  readonly #reader: FrameReader;
  readonly #list = new AddressList();
  readonly #inbound = new InboundAliases(
    (kind, name) => new Address(0, kind, name),
    new NameBudget(Number.POSITIVE_INFINITY),
  );
  readonly #keepAlive: KeepAlive;
  readonly #frame = new FrameDeadline();
  readonly #openedMs: number;
  readonly #pausedBy = new Set<object>();
  #peer: Hello | undefined;
  #error: OmnibusError | undefined;
  #closeTimer: Timer | undefined;

  constructor(link: Link, owner: LeafOwner, options: LeafSessionOptions) {
    this.link = link;
    this.#owner = owner;
    this.#options = options;
    this.#reader = new FrameReader(this, { maxFrameBytes: maxHandshakeBytes, hasHash: true });
    this.sender = new LeafSender(link, options.clock, options.limits, owner);
    this.#openedMs = options.clock.nowMs();
    this.#keepAlive = new KeepAlive(this.#openedMs);
  }

  /** Begins: says hello. */
  start(): void {
    this.link.open(this);
    this.#control(helloType, encodeHello(this.#options.hello));
  }

  get wantedBytes(): number {
    return this.#reader.wantedBytes;
  }

  received(slab: Slab, start: number, end: number): number {
    if (this.state === "closed") return end;
    let used = end;
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
    return used;
  }

  written(): void {
    this.sender.queue.written();
    this.sender.flush();
    // The goodbye waited behind what the link had not taken.
    if (this.state === "closing" && this.sender.queue.isEmpty) this.link.close();
  }

  closed(error?: OmnibusError): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#closeTimer?.cancel();
    this.sender.close();
    this.#keepAlive.end();
    this.#owner.closed(this, this.#error ?? error);
  }

  message(header: RunHeader): void {
    if (this.state !== "open") {
      if (this.state === "closing" || this.state === "closed") return;
      throw new OmnibusError("not-authenticated", "a message came before the handshake was done");
    }
    const inbound = this.#inbound;
    if (header.source !== 0) inbound.check(header.source);
    if (header.listed === 0) {
      this.#owner.message(this, inbound.get(header.destination), header);
      return;
    }
    // [WIRE-4.5]
    const list = this.#list;
    list.clear();
    for (let n = 0; n < header.listed; n++) list.add(inbound.get(header.listedNumber(n)));
    this.#owner.messageForSeveral(this, list, header);
  }

  control({ type, flags, bytes, bodyStart, bodyEnd }: RunHeader): void {
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
    const isHandled =
      this.state === "open"
        ? this.#conversation(type, bytes, bodyStart, bodyEnd)
        : this.#handshake(type, bytes, bodyStart, bodyEnd);
    if (isHandled || (flags !== 0 && this.state === "open")) return;
    throw this.state === "open"
      ? new OmnibusError(
          "bad-run",
          `runs of type ${type} are not known here, and this one is not optional`,
        )
      : new OmnibusError(
          "not-authenticated",
          `a run of type ${type} came before the handshake was done`,
        );
  }

  #handshake(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (type === helloType && this.#peer === undefined) {
      this.#peer = decodeHello(bytes, start, end);
      this.state = "auth";
      this.#control(authType, encodeAuth(this.#options.credentials));
      return true;
    }
    if (type !== readyType || this.state !== "auth") return false;
    this.principal = decodeWelcome(bytes, start, end).principal;
    this.#open(this.#peer as Hello);
    return true;
  }

  #open(peer: Hello): void {
    const { hello } = this.#options;
    this.state = "open";
    const hasHash = !(hello.isIntegrityProtected && peer.isIntegrityProtected);
    this.#reader.configure({ maxFrameBytes: hello.maxFrameBytes, hasHash });
    this.sender.queue.hasHash = hasHash;
    this.sender.maxRunBytes = peer.maxFrameBytes - maxFrameOverheadBytes;
    this.#owner.opened(this);
  }

  #conversation(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (type === aliasType) this.#inbound.learn(readAliasRun(bytes, start, end));
    else if (type === pingType) this.#pong(bytes.slice(start, end));
    else if (type === pongType) this.#keepAlive.answered();
    else if (type === creditType) this.#credit(bytes, start, end);
    else if (type === gapType) {
      const { number, count } = decodeGap(bytes, start, end);
      this.#owner.gap(this.#inbound.get(number), count);
    } else if (type === refusalType) this.#owner.refused(decodeRefusal(bytes, start, end));
    // A leaf sends all that it publishes to its server, whatever that says it wants.
    else if (type === interestType) decodeInterest(bytes, start, end);
    else return false;
    return true;
  }

  #pong(mark: Uint8Array): void {
    if (mark.length > maxPingBytes) {
      throw new OmnibusError(
        "bad-run",
        `a ping of ${mark.length} bytes; at most ${maxPingBytes} are allowed`,
      );
    }
    const { queue } = this.sender;
    queue.control(pongType, mark, { isAnswer: true });
    this.sender.schedule();
    if (queue.answerBytes <= this.#options.limits.maxBytes + maxAnswerBytes) return;
    this.#error = new OmnibusError("overloaded", "the answers to what it asks are not read");
    this.state = "closing";
    this.link.destroy();
  }

  #credit(bytes: Uint8Array, start: number, end: number): void {
    const { name, congestion } = decodeCredit(bytes, start, end);
    if (congestion === "hold") this.sender.hold(name);
    else this.sender.letGo(name);
    this.#owner.relieved();
  }

  /** Reads nothing from the server until everybody who asked for that has let go. */
  pauseReading(by: object): void {
    if (this.#pausedBy.size === 0) this.link.pause();
    this.#pausedBy.add(by);
  }

  resumeReading(by: object): void {
    if (!this.#pausedBy.delete(by) || this.#pausedBy.size > 0) return;
    this.#keepAlive.heard(this.#options.clock.nowMs());
    this.link.resume();
  }

  /** What is said to the server beside messages, as `Statements` of the full session. */
  readonly say: Pick<Statements, "credit" | "interest"> = {
    credit: ({ name }, congestion) =>
      this.#control(creditType, encodeCredit(name, congestion), true),
    interest: (statement) => this.#control(interestType, encodeInterest(statement)),
  };

  /** Calls `done` when the server has handled all that was sent before, or when the session ended. */
  ping(done: () => void): void {
    if (this.state !== "open") return done();
    this.#ping(done);
  }

  #ping(done: () => void = () => undefined): void {
    this.#keepAlive.sent(done);
    this.#control(pingType, new Uint8Array(0));
  }

  /** Ends the session with a reason; the server is told. Without a reason it is a normal goodbye. */
  end(error?: OmnibusError): void {
    if (this.state === "closed" || this.state === "closing") return;
    this.#error = error;
    const { sender } = this;
    const farewell = error ?? new OmnibusError("going-away", "the other side said goodbye");
    this.#control(byeType, encodeBye(farewell));
    this.#finish();
    sender.flush();
    if (sender.queue.isEmpty) this.link.close();
  }

  /** A goodbye was said. A server that neither reads nor closes is not waited for. */
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

  /** To be called every second: keep-alive, a dead server, a handshake that never ends. */
  tick(nowMs: number, keepAliveMs: number): void {
    if (this.state === "hello" || this.state === "auth") {
      if (nowMs - this.#openedMs >= defaultHandshakeMs)
        this.end(new OmnibusError("timeout", "the handshake took too long"));
      return;
    }
    const isPaused = this.#pausedBy.size > 0;
    if (isPaused) this.#frame.pardon(nowMs);
    if (this.#frame.isOver(nowMs, frameTimeoutMs)) {
      this.end(new OmnibusError("timeout", "a frame took too long to come"));
      return;
    }
    const silence = this.#keepAlive.check(nowMs, keepAliveMs);
    if (silence === "none") return;
    if (isPaused) {
      // Nothing can be heard while nothing is read; but the server is to hear that we are here.
      this.#keepAlive.heard(nowMs);
      this.#ping();
    } else if (silence === "dead") {
      this.#error = new OmnibusError("timeout", `nothing was heard for ${keepAliveMs * 2.5} ms`);
      this.link.destroy();
    } else if (this.state === "open") {
      this.#ping();
    }
  }

  #control(type: number, content: Uint8Array, isUrgent = false): void {
    // What was published before this was said goes out before it.
    if (!isUrgent) this.sender.closeRun();
    this.sender.queue.control(type, content, { isUrgent });
    this.sender.schedule();
  }
}
