import type { Socket } from "node:net";
import { OmnibusError, type Slab } from "../../base/index.ts";
import type { Batch } from "./batch.ts";
import { abnormal, closeTable, encodeClosePayload, isSendableCode, noCode } from "./close.ts";
import { FrameReader, type FrameReceiver } from "./frame-reader.ts";
import {
  encodeFrame,
  encodeTextFrame,
  gatherFrame,
  maskFrame,
  maxServerHeaderBytes,
  PreparedFrame,
  writeHeader,
} from "./frame-writer.ts";
import type { Flushable, WebSocketHost } from "./host.ts";
import { opcode } from "./opcode.ts";
import type { Sweepable } from "../sweep.ts";
import { takeOver } from "./take-over.ts";

/** How a connection ended. */
export interface WebSocketEnd {
  /** The other side's close code if it sent one, else ours; 1006 if there was no closing handshake. */
  readonly code: number;
  readonly reason: string;
  readonly error?: OmnibusError;
}

/** What a connection tells the one it works for. */
export interface WebSocketOwner {
  text(text: string): void;
  /** `slab.bytes[start, end)`; see `Slab` for how long. */
  binary(slab: Slab, start: number, end: number): void;
  /** All that was sent has left this process; told after a `send` that returned false. */
  drained(): void;
  /** It is over. Told once; nothing follows. */
  closed(end: WebSocketEnd): void;
}

const fullBytes = 65_536;
const copyBelowBytes = 4096;
const internalError = 1011;

const state = {
  open: 0,
  /** Our close frame is sent, the other side's is not here. */
  closing: 1,
  /** Both are through, or the transport is going: nothing is read or written. */
  ending: 2,
  closed: 3,
} as const;

const connectionOf: unique symbol = Symbol("WebSocketConnection");
interface OwnedSocket extends Socket {
  [connectionOf]?: WebSocketConnection;
}

// One function for all sockets each: a connection has no closures of its own.
function onRead(this: OwnedSocket, bytesRead: number): boolean {
  this[connectionOf]?.received(undefined, bytesRead);
  return true;
}
function onData(this: OwnedSocket, chunk: Buffer): void {
  this[connectionOf]?.received(chunk, chunk.length);
}
function onError(this: OwnedSocket, error: Error): void {
  this[connectionOf]?.failedWith(error);
}
function onEnd(this: OwnedSocket): void {
  this.end();
}
function onClose(this: OwnedSocket): void {
  this[connectionOf]?.gone();
}

/**
 * One end of a WebSocket (RFC 6455), on a socket that was upgraded. Frames that are sent
 * within one tick leave in one write. Reading begins with `open`.
 */
export class WebSocketConnection implements FrameReceiver, Flushable, Sweepable {
  readonly #host: WebSocketHost;
  readonly #socket: OwnedSocket;
  readonly #reader: FrameReader;
  #owner: WebSocketOwner | undefined = undefined;
  #state: number = state.open;
  #batch: Batch | undefined = undefined;
  #isFlushQueued = false;
  #mustTellDrained = false;
  #onWritten: (() => void) | undefined = undefined;
  #end: WebSocketEnd | undefined = undefined;

  // Counted in sweeps.
  #hasHeard = true;
  #isPaused = false;
  #silentSweeps = 0;
  #stuckSweeps = 0;
  #sweptMessages = 0;

  /**
   * `socket` is an upgraded one on which nothing is under way; `response` is the HTTP answer that opens
   * the connection, empty at the client's end.
   */
  constructor(host: WebSocketHost, socket: Socket, response: string) {
    this.#host = host;
    this.#reader = new FrameReader(this, host.reading);
    const bare: OwnedSocket = takeOver(socket, { buffer: host.readBuffer, callback: onRead });
    bare[connectionOf] = this;
    this.#socket = bare;
    bare.on("error", onError);
    bare.on("close", onClose);
    // A bare socket ends with the other side by itself, and reads without an event.
    if (bare === socket) bare.on("data", onData).on("end", onEnd);
    if (response === "") {
      // Who dialled may open it later: until then nothing may be read.
      bare.pause();
      return;
    }
    bare.write(response, "latin1");
    this.#watchWrite();
  }

  /** Begins to read; `head` is what came behind the upgrade request. */
  open(owner: WebSocketOwner, head?: Buffer): void {
    if (this.#state === state.closed) {
      // It ended before anybody listened.
      process.nextTick(() => owner.closed(this.#end ?? { code: abnormal, reason: "" }));
      return;
    }
    this.#owner = owner;
    this.#host.sweep.add(this);
    if (head !== undefined && head.length > 0) this.received(head, head.length);
    // The owner may have had enough with that.
    if (!this.#isPaused) this.#socket.resume();
  }

  /** Bytes that were sent here and wait in this process, headers included. */
  get bufferedBytes(): number {
    return (this.#batch?.byteLength ?? 0) + this.#socket.writableLength;
  }

  get isOpen(): boolean {
    return this.#state === state.open;
  }

  /**
   * Sends one message at the end of this tick. Returns false when more than 64 KiB wait: `drained`
   * follows. After `close` nothing is sent.
   */
  send(payload: string | Uint8Array | PreparedFrame): boolean {
    if (this.#state !== state.open) return true;
    if (payload instanceof PreparedFrame) this.#add(payload.frame);
    else if (typeof payload === "string") this.#add(encodeTextFrame(payload));
    else this.#add(encodeFrame(opcode.binary, payload));
    if (this.bufferedBytes <= fullBytes) return true;
    this.#mustTellDrained = true;
    return false;
  }

  /**
   * Sends `chunks` as one binary message without copying more than small ones. Returns false if they
   * are still needed, or too much waits, until `drained`.
   */
  sendChunks(chunks: readonly Uint8Array[]): boolean {
    if (this.#state !== state.open) return true;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    // A client's frames are copied anyway, to be masked.
    if (length < copyBelowBytes || this.#isClient) {
      this.#addEncoded(gatherFrame(chunks, length, this.#isClient));
      if (this.bufferedBytes <= fullBytes) return true;
    } else {
      this.#writeBatch();
      const header = Buffer.allocUnsafe(maxServerHeaderBytes);
      const size = writeHeader(header, opcode.binary, length);
      this.#write([header.subarray(0, size), ...chunks]);
      if (this.#socket.writableLength === 0) return true;
    }
    this.#mustTellDrained = true;
    return false;
  }

  /** Stops reading until `resume`. What was read already is still told. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#state !== state.closed) this.#socket.resume();
  }

  /** Sends what waits and a close frame, then ends the connection once that is answered. */
  close(code: number, reason: string): void {
    if (this.#state !== state.open) return;
    this.#closeWith(code, reason, encodeClosePayload(code, reason));
    this.#state = state.closing;
    // The answer must be heard.
    if (this.#isPaused) this.resume();
  }

  /** Ends the connection at once; what was not sent is lost. */
  destroy(error?: OmnibusError): void {
    if (this.#state === state.closed) return;
    this.#end ??= { code: abnormal, reason: "", ...(error && { error }) };
    this.#state = state.ending;
    this.#reader.stop();
    this.#socket.destroy();
  }

  /** Writes what waits, unless an earlier write is still under way: that one's end calls again. */
  flush(): void {
    this.#isFlushQueued = false;
    if (this.#socket.writableLength === 0) this.#writeBatch();
  }

  /** Called by the sweep, once per period. */
  swept(): void {
    if (this.#state !== state.open) {
      if (++this.#stuckSweeps >= this.#host.closePeriods) this.#socket.destroy();
      return;
    }
    if (this.#isPaused) return;
    this.#sweepMessage();
    this.#sweepSilence();
  }

  #sweepMessage(): void {
    const { completed, isMidMessage } = this.#reader;
    if (!isMidMessage || completed !== this.#sweptMessages) {
      this.#sweptMessages = completed;
      this.#stuckSweeps = 0;
    } else if (++this.#stuckSweeps >= this.#host.framePeriods) {
      this.#stuckSweeps = 0;
      this.#reader.stop();
      this.close(closeTable.timeout.code, "a message took too long to arrive");
    }
  }

  #sweepSilence(): void {
    if (this.#hasHeard) {
      this.#hasHeard = false;
      this.#silentSweeps = 0;
      return;
    }
    const { pingPeriods, pingMisses } = this.#host;
    if (++this.#silentSweeps % pingPeriods !== 0) return;
    if (this.#silentSweeps > pingPeriods * pingMisses) {
      const { code } = closeTable.timeout;
      this.#end ??= { code, reason: noPong, error: new OmnibusError("timeout", noPong) };
      // It may have stopped to answer and still read; what it does not take is cut with it in time.
      this.close(code, noPong);
    } else {
      this.#add(emptyPing);
    }
  }

  /** Called by the socket: bytes came, in `chunk` or else in the shared buffer. */
  received(chunk: Buffer | undefined, length: number): void {
    this.#hasHeard = true;
    try {
      if (chunk === undefined) this.#host.readInto(this.#reader, length);
      else this.#reader.read(chunk, 0, length);
    } catch (error) {
      this.#host.onFault(error);
      this.#reader.stop();
      this.close(internalError, "a fault of the server");
    }
  }

  /** Called by the socket. */
  failedWith(error: Error): void {
    const cause = new OmnibusError("closed", `the connection broke: ${error.message}`, {
      cause: error,
    });
    this.#end ??= { code: abnormal, reason: "", error: cause };
  }

  /** Called by the socket: it is closed. */
  gone(): void {
    if (this.#state === state.closed) return;
    this.#state = state.closed;
    this.#batch = undefined;
    this.#reader.stop();
    this.#host.sweep.delete(this);
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.closed(this.#end ?? { code: abnormal, reason: "" });
  }

  text(text: string): void {
    if (this.#state === state.open) this.#owner?.text(text);
  }

  binary(slab: Slab, start: number, end: number): void {
    if (this.#state === state.open) this.#owner?.binary(slab, start, end);
  }

  ping(payload: Buffer): void {
    // [RFC6455-5.5.2] Who does not read what we send gets no pongs on top of it.
    if (this.#state === state.open && this.bufferedBytes <= fullBytes) {
      this.#add(encodeFrame(opcode.pong, payload));
    }
  }

  pong(): void {}

  closeFrame(code: number, reason: string): void {
    if (this.#state === state.open) {
      // [RFC6455-5.5.1] The answer carries the same code.
      const answer = isSendableCode(code) ? encodeClosePayload(code, "") : Buffer.alloc(0);
      this.#closeWith(code, reason, answer);
    } else {
      const known = code === noCode ? (this.#end?.code ?? code) : code;
      this.#end = { ...this.#end, code: known, reason };
    }
    this.#endSocket();
  }

  failed(code: number, text: string): void {
    if (this.#state === state.open) this.#closeWith(code, text, encodeClosePayload(code, text));
    // [RFC6455-7.1.7] The other side is confused: its close frame is not waited for.
    this.#endSocket();
  }

  #closeWith(code: number, reason: string, payload: Buffer): void {
    this.#end ??= { code, reason };
    this.#stuckSweeps = 0;
    this.#add(encodeFrame(opcode.close, payload));
    this.#mustTellDrained = false;
  }

  #endSocket(): void {
    this.#state = state.ending;
    this.#writeBatch();
    this.#socket.end();
    // The other side's end must be seen for the socket to close.
    this.#socket.resume();
  }

  get #isClient(): boolean {
    return this.#host.reading.role === "client";
  }

  #add(unmasked: Buffer): void {
    this.#addEncoded(this.#isClient ? maskFrame(unmasked) : unmasked);
  }

  #addEncoded(frame: Buffer): void {
    this.#batch = (this.#batch ?? this.#host.emptyBatch).with(frame);
    if (this.#batch.byteLength >= fullBytes) this.flush();
    else if (!this.#isFlushQueued) {
      this.#isFlushQueued = true;
      this.#host.flushLater(this);
    }
  }

  #writeBatch(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch !== undefined) this.#write(batch.pieces);
  }

  #write(pieces: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
    this.#watchWrite();
  }

  /** Mostly all has gone to the system at once; only where it has not, its end must be heard of. */
  #watchWrite(): void {
    if (this.#socket.writableLength === 0) return;
    this.#socket.write(nothing, (this.#onWritten ??= () => this.#written()));
  }

  #written(): void {
    if (this.#state >= state.ending || this.#socket.writableLength > 0) return;
    this.flush();
    if (!this.#mustTellDrained || this.bufferedBytes > 0) return;
    this.#mustTellDrained = false;
    this.#owner?.drained();
  }
}

const noPong = "no answer to our pings";
const nothing = new Uint8Array(0);
const emptyPing = encodeFrame(opcode.ping, nothing);
