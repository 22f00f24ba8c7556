import {
  asOmnibusError,
  defaultHandshakeMs,
  OmnibusError,
  realmNumber,
  type Slab,
  type Timer,
} from "../base/index.ts";
import { type Arrivals, CatchUps, type RunSource } from "../bus/index.ts";
import type { Link, LinkReceiver } from "../link/index.ts";
import {
  decodeBye,
  decodeCredit,
  decodeGap,
  decodeHello,
  decodeRefusal,
  decodeWelcome,
  encodeAuth,
  encodeBye,
  encodeHello,
  FrameDeadline,
  type Hello,
  KeepAlive,
  maxHandshakeBytes,
  type Refusal,
  type SessionCredentials,
  type SessionState,
} from "../session/index.ts";
import {
  Address,
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
  scopeRealmMask,
  scopeRealmShift,
} from "../wire/index.ts";
import { LeafSender, type SenderHost } from "./leaf-sender.ts";
import type { LightBusOptions } from "./light-options.ts";

/** Ample for any mark that a ping carries. */
const maxPingBytes = 64;
/** Of answers, and what else is urgent, so many may wait for a server that does not read. [WIRE-10.4] */
const maxUrgent = 20_000;
/** After a goodbye the server has so long to take what was sent and to close. */
const closeTimeoutMs = 2000;
const frameTimeoutMs = 30_000;

/** What a leaf's session needs of the bus. Calls never overlap. */
export interface SessionHost extends SenderHost {
  readonly hello: Hello;
  readonly credentials: SessionCredentials;
  readonly arrivals: Arrivals;
  opened(): void;
  /** Messages came over a link that is wider than their realm: dropped. */
  strayed(messages: number): void;
  /** The server had to drop messages for us. */
  gap(address: Address, count: number): void;
  /** The server will not do what we asked for. */
  refused(refusal: Refusal): void;
  closed(error: OmnibusError | undefined): void;
}

/**
 * The dialling half of a session, for who has one neighbour: its server. `state` is what it is in every
 * session: hello said, credentials shown, conversation, goodbye said, gone.
 */
export class LeafSession implements LinkReceiver, RunSink, RunSource {
  readonly sender: LeafSender;
  readonly isServer = true;
  readonly isElsewhere = true;
  readonly catchUps: CatchUps = new CatchUps();
  readonly remote: string;
  readonly realmNumber: number;
  state: SessionState = "hello";
  /** Who we are to the server; there from state `open` on. */
  principal = "";
  readonly #link: Link;
  readonly #host: SessionHost;
  readonly #hello: Hello;
  readonly #reader: FrameReader;
  /** What the server gave its numbers to. [WIRE-7.3] */
  readonly #addresses = new Map<number, Address>();
  readonly #keepAlive: KeepAlive;
  readonly #frame = new FrameDeadline();
  readonly #pausedBy = new Set<object>();
  #hasHash = true;
  #error: OmnibusError | undefined;
  /** When a handshake, or a goodbye, has taken too long. */
  #deadline: Timer | undefined;

  constructor(link: Link, host: SessionHost) {
    this.remote = link.remote;
    this.realmNumber = realmNumber(link.realm);
    this.sender = new LeafSender(link, host);
    this.#link = link;
    this.#host = host;
    this.#hello = { ...host.hello, isIntegrityProtected: link.isIntegrityProtected };
    this.#reader = new FrameReader(this, { maxFrameBytes: maxHandshakeBytes, hasHash: true });
    this.#keepAlive = new KeepAlive(host.clock.nowMs());
  }

  /** Begins: says hello. */
  start(): void {
    this.#link.open(this);
    this.sender.control(helloType, encodeHello(this.#hello));
    this.#setDeadline(defaultHandshakeMs, () =>
      this.end(new OmnibusError("timeout", "the handshake took too long")),
    );
  }

  #setDeadline(delayMs: number, fire: () => void): void {
    this.#deadline?.cancel();
    this.#deadline = this.#host.clock.setTimer(delayMs, fire);
  }

  /** Whether nothing that comes is of interest any more. */
  get #isOver(): boolean {
    return this.state === "closing" || this.state === "closed";
  }

  get wantedBytes(): number {
    return this.#reader.wantedBytes;
  }

  received(slab: Slab, start: number, end: number): number {
    if (this.#isOver) return end;
    let used = end;
    try {
      used = this.#reader.read(slab, start, end);
      if (this.#link.isMessageBased && used < end)
        throw new OmnibusError(
          "bad-frame",
          "a message of the transport does not hold whole frames",
        );
    } catch (error) {
      this.end(asOmnibusError(error));
      used = end;
    }
    const nowMs = this.#host.clock.nowMs();
    this.#keepAlive.heard(nowMs);
    this.#frame.read(nowMs, used === end, used > start);
    return used;
  }

  written(): void {
    this.sender.queue.written();
    this.sender.flush();
    if (this.state === "closing") this.#closeLink();
  }

  /** Closes the link as soon as the goodbye, and what was said before it, is on its way. */
  #closeLink(): void {
    if (this.sender.queue.isEmpty) this.#link.close();
  }

  closed(error?: OmnibusError): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#deadline?.cancel();
    this.#keepAlive.end();
    this.#host.closed(this.#error ?? error);
  }

  message(header: RunHeader): void {
    if (this.#isOver) return;
    if (this.state !== "open") throw tooEarly("a message");
    const { arrivals } = this.#host;
    const { source, listed } = header;
    if (source !== 0) this.#address(source);
    // [WIRE-4.2] A run that is too narrow for the link should not have crossed it.
    if (((header.scope >> scopeRealmShift) & scopeRealmMask) < this.realmNumber)
      this.#host.strayed(header.messages);
    else if (listed === 0) arrivals.run(this, this.#address(header.destination), header);
    else {
      // [WIRE-4.5]
      const list = Array.from({ length: listed }, (_, n) => this.#address(header.listedNumber(n)));
      arrivals.runForSeveral(this, list, header);
    }
  }

  #address(number: number): Address {
    const address = this.#addresses.get(number);
    if (address !== undefined) return address;
    throw new OmnibusError(
      "unknown-alias",
      `number ${number} was never given to an address in this session`,
    );
  }

  control({ type, flags, bytes, bodyStart: start, bodyEnd: end }: RunHeader): void {
    if (this.#isOver) return;
    if (type === byeType) {
      this.#error = decodeBye(bytes, start, end);
      this.#finish();
      this.#link.close();
      return;
    }
    // [WIRE-3.2]
    const hasKnownFlags = (flags & ~optionalFlag) === 0;
    if (this.state !== "open" && hasKnownFlags) return this.#handshake(type, bytes, start, end);
    const isKnown = hasKnownFlags && this.#conversation(type, bytes, start, end);
    if (isKnown || flags & optionalFlag) return;
    throw new OmnibusError(
      "bad-run",
      `a run of type ${type} with flags ${flags} is not known here, and not optional`,
    );
  }

  #handshake(type: number, bytes: Uint8Array, start: number, end: number): void {
    const { sender } = this;
    if (type === helloType && this.state === "hello") {
      const peer = decodeHello(bytes, start, end);
      this.#hasHash = !(this.#hello.isIntegrityProtected && peer.isIntegrityProtected);
      sender.maxRunBytes = peer.maxFrameBytes - maxFrameOverheadBytes;
      this.state = "auth";
      sender.control(authType, encodeAuth(this.#host.credentials));
    } else if (type === readyType && this.state === "auth") {
      this.principal = decodeWelcome(bytes, start, end).principal;
      this.state = "open";
      this.#deadline?.cancel();
      const hasHash = this.#hasHash;
      this.#reader.configure({ maxFrameBytes: this.#hello.maxFrameBytes, hasHash });
      sender.queue.hasHash = hasHash;
      this.#host.opened();
    } else {
      throw tooEarly(`a run of type ${type}`);
    }
  }

  /** Whether runs of that type are known. */
  #conversation(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (type === aliasType) {
      const { number, kind, name } = readAliasRun(bytes, start, end);
      this.#addresses.set(number, new Address(0, kind, name));
    } else if (type === pingType) {
      this.#pong(bytes.slice(start, end));
    } else if (type === pongType) {
      this.#keepAlive.answered();
    } else if (type === creditType) {
      const { name, congestion } = decodeCredit(bytes, start, end);
      if (congestion === "hold") this.sender.hold(name);
      else this.sender.letGo(name);
      this.#host.relieved();
    } else if (type === gapType) {
      const { number, count } = decodeGap(bytes, start, end);
      this.#host.gap(this.#address(number), count);
    } else if (type === refusalType) {
      this.#host.refused(decodeRefusal(bytes, start, end));
    }
    // A leaf sends all that it publishes to its server, whatever interest that has.
    else return type === interestType;
    return true;
  }

  #pong(mark: Uint8Array): void {
    const { length } = mark;
    if (length > maxPingBytes)
      throw new OmnibusError(
        "bad-run",
        `a ping of ${length} bytes; at most ${maxPingBytes} are allowed`,
      );
    this.sender.control(pongType, mark, true);
    if (this.sender.queue.urgent > maxUrgent)
      this.#destroy(new OmnibusError("overloaded", "the answers to what it asks are not read"));
  }

  /** Reads nothing from the server until everybody who asked for that has let go. */
  pauseReading(by: object): void {
    if (this.#pausedBy.size === 0) this.#link.pause();
    this.#pausedBy.add(by);
  }

  resumeReading(by: object): void {
    if (!this.#pausedBy.delete(by) || this.#pausedBy.size > 0) return;
    this.#keepAlive.heard(this.#host.clock.nowMs());
    this.#link.resume();
  }

  /** Calls `done` when the server has handled all that was sent before, or when the session ended. */
  ping(done: () => void): void {
    this.#keepAlive.sent(done);
    this.sender.control(pingType, new Uint8Array(0));
  }

  /** Ends the session with a reason; the server is told. Without a reason it is a normal goodbye. */
  end(error?: OmnibusError): void {
    if (this.#isOver) return;
    this.#error = error;
    const farewell = error ?? new OmnibusError("going-away", "the other side said goodbye");
    this.sender.control(byeType, encodeBye(farewell));
    this.#finish();
    this.sender.flush();
    this.#closeLink();
  }

  /** A goodbye was said. A server that neither reads nor closes is not waited for. */
  #finish(): void {
    this.state = "closing";
    this.#setDeadline(closeTimeoutMs, () => this.#link.destroy());
  }

  /** Ends the session with who would not listen to a goodbye. */
  #destroy(error: OmnibusError): void {
    this.state = "closing";
    this.#error = error;
    this.#link.destroy();
  }

  /** This process did not run for a while: nobody is to be blamed for what was not heard meanwhile. */
  pardon(nowMs: number): void {
    this.#keepAlive.heard(nowMs);
    this.#frame.pardon(nowMs);
    this.sender.pardon(nowMs);
  }

  /** To be called every second: keep-alive, a server that is dead, or does not read. */
  tick(nowMs: number, options: Pick<LightBusOptions, "keepAliveMs" | "stallMs">): void {
    if (this.state !== "open") return;
    const { keepAliveMs = 8000, stallMs = 5000 } = options;
    this.sender.checkStall(nowMs, stallMs);
    const silence = this.#keepAlive.check(nowMs, keepAliveMs);
    if (this.#pausedBy.size > 0) {
      // Nothing can be heard while nothing is read; but the server is to hear that we are here.
      this.#frame.pardon(nowMs);
      if (silence === "none") return;
      this.#keepAlive.heard(nowMs);
      this.ping(() => undefined);
    } else if (this.#frame.isOver(nowMs, frameTimeoutMs))
      this.end(new OmnibusError("timeout", "a frame took too long to come"));
    else if (silence === "dead")
      this.#destroy(new OmnibusError("timeout", `nothing was heard for ${keepAliveMs * 2.5} ms`));
    else if (silence === "ping") this.ping(() => undefined);
  }
}

function tooEarly(what: string): OmnibusError {
  return new OmnibusError("not-authenticated", `${what} came before the handshake was done`);
}
