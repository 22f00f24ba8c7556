import { isUtf8 } from "node:buffer";
import { Slab } from "../../base/index.ts";
import { parseClosePayload, protocolClose } from "./close.ts";
import { applyMask } from "./mask.ts";
import { MessageAssembly } from "./message-assembly.ts";
import { opcode } from "./opcode.ts";

/** What a frame reader found. It may be stopped from inside any of these calls. */
export interface FrameReceiver {
  /** A whole text message. */
  text(text: string): void;
  /** A whole binary message: `slab.bytes[start, end)`, good until the call returns (see `Slab`). */
  binary(slab: Slab, start: number, end: number): void;
  /** The payload is good until the call returns. */
  ping(payload: Buffer): void;
  pong(): void;
  /** A close frame came. Nothing follows. `code` is 1005 if it held none. */
  closeFrame(code: number, reason: string): void;
  /** The other side broke the protocol: end the connection with this close code. Nothing follows. */
  failed(code: number, text: string): void;
}

export interface FrameReaderOptions {
  /** Which side we are: a server takes masked frames only, a client unmasked ones only. */
  readonly role: "server" | "client";
  /** A larger message fails with 1009. */
  readonly maxMessageBytes: number;
  /** A message of more fragments fails with 1008. */
  readonly maxFragments: number;
}

const maxHeaderBytes = 14;
const maxControlBytes = 125;
const replacementCharacter = "\ufffd";

/**
 * Reads the frames of one connection (RFC 6455, section 5) from chunks of any size. It keeps nothing
 * of a chunk, and no memory between messages. Unmasks in place: chunks are written to.
 *
 * Lengths that are not in their shortest form (5.2) are accepted, as everybody else does.
 */
export class FrameReader {
  readonly #receiver: FrameReceiver;
  readonly #options: FrameReaderOptions;
  #isStopped = false;
  #completed = 0;

  // The frame under way. While its header is incomplete, what there is of it is in #carry.
  #carry: Buffer | undefined = undefined;
  #carried = 0;
  #isInPayload = false;
  #isFinal = false;
  #opcode = 0;
  #key = 0;
  #length = 0;
  #have = 0;

  // The message under way.
  #messageOpcode = 0;
  #fragments = 0;
  #message: MessageAssembly | undefined = undefined;
  #control: MessageAssembly | undefined = undefined;

  constructor(receiver: FrameReceiver, options: FrameReaderOptions) {
    this.#receiver = receiver;
    this.#options = options;
  }

  /** Whether something of a message or control frame is here, and not yet all of it. */
  get isMidMessage(): boolean {
    return this.#isInPayload || this.#carried > 0 || this.#messageOpcode !== 0;
  }

  /**
   * Counts the messages that were read whole, and the control frames that came between messages; wraps
   * around. While it stands, what was begun is still not complete.
   */
  get completed(): number {
    return this.#completed;
  }

  /** Reads nothing more, forgets what was begun. */
  stop(): void {
    this.#isStopped = true;
    this.#carry = undefined;
    this.#carried = 0;
    this.#message = undefined;
    this.#control = undefined;
    this.#messageOpcode = 0;
    this.#isInPayload = false;
  }

  /** Reads `bytes[start, end)`; `slab` is the same memory for receivers of binary messages. */
  read(bytes: Buffer, start: number, end: number, slab?: Slab): void {
    let at = start;
    while (!this.#isStopped) {
      if (!this.#isInPayload) {
        if (at === end) return;
        at = this.#readHeader(bytes, at, end);
        if (!this.#isInPayload) return;
      }
      const rest = this.#length - this.#have;
      if (end - at < rest) {
        this.#keep(bytes, at, end);
        return;
      }
      const next = at + rest;
      this.#endFrame(bytes, at, next, slab);
      at = next;
    }
  }

  /** Returns where the payload begins. The frame is begun if `#isInPayload` is set afterwards. */
  #readHeader(bytes: Buffer, start: number, end: number): number {
    if (this.#carried === 0) {
      const size = this.#parseHeader(bytes, start, end);
      if (size > 0 || this.#isStopped) return start + size;
    }
    const carry = (this.#carry ??= Buffer.allocUnsafeSlow(maxHeaderBytes));
    const before = this.#carried;
    const taken = bytes.copy(carry, before, start, end);
    this.#carried = before + taken;
    const size = this.#parseHeader(carry, 0, this.#carried);
    if (size === 0) return end;
    this.#carry = undefined;
    this.#carried = 0;
    return start + size - before;
  }

  /** The size of the header at `at`, or 0 if not all of it is there or it is wrong. [RFC6455-5.2] */
  #parseHeader(bytes: Buffer, at: number, end: number): number {
    const first = bytes[at] as number;
    if (!this.#isFirstByteGood(first) || end - at < 2) return 0;
    const second = bytes[at + 1] as number;
    const isMasked = (second & 0x80) !== 0;
    if (isMasked !== (this.#options.role === "server")) {
      // [RFC6455-5.1]
      return this.#fail(
        protocolClose.protocolError,
        isMasked ? "a masked frame" : "an unmasked frame",
      );
    }
    let length = second & 0x7f;
    if ((first & 0x08) !== 0 && length > maxControlBytes) {
      // [RFC6455-5.5]
      return this.#fail(protocolClose.protocolError, "a control frame over 125 bytes");
    }
    let size = 2;
    if (length === 126) {
      if (end - at < 4) return 0;
      length = bytes.readUInt16BE(at + 2);
      size = 4;
    } else if (length === 127) {
      if (end - at < 10) return 0;
      length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
      size = 10;
    }
    if (!this.#isLengthGood(first, length)) return 0;
    if (isMasked) {
      if (end - at < size + 4) return 0;
      this.#key = bytes.readInt32LE(at + size);
      size += 4;
    }
    this.#begin(first, length);
    return size;
  }

  #begin(first: number, length: number): void {
    this.#isFinal = (first & 0x80) !== 0;
    this.#opcode = first & 0x0f;
    this.#length = length;
    this.#have = 0;
    this.#isInPayload = true;
    if (this.#opcode >= opcode.close) return;
    if (this.#opcode !== opcode.continuation) this.#messageOpcode = this.#opcode;
    this.#fragments++;
  }

  #isFirstByteGood(first: number): boolean {
    if ((first & 0x70) !== 0) return this.#refuse("reserved bits are set");
    const code = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    switch (code) {
      case opcode.continuation:
        return this.#messageOpcode !== 0 || this.#refuse("a continuation of nothing");
      case opcode.text:
      case opcode.binary:
        // [RFC6455-5.4]
        return this.#messageOpcode === 0 || this.#refuse("a new message inside a fragmented one");
      case opcode.close:
      case opcode.ping:
      case opcode.pong:
        return isFinal || this.#refuse("a fragmented control frame");
      default:
        return this.#refuse(`unknown opcode ${code}`);
    }
  }

  #isLengthGood(first: number, length: number): boolean {
    if ((first & 0x08) !== 0) return true;
    const { maxMessageBytes, maxFragments } = this.#options;
    if (length >= 2 ** 63) return this.#refuse("a length of 64 bits");
    if (length + (this.#message?.length ?? 0) > maxMessageBytes) {
      this.#fail(protocolClose.tooBig, `a message over ${maxMessageBytes} bytes`);
      return false;
    }
    if (this.#fragments >= maxFragments) {
      this.#fail(protocolClose.policy, `a message in more than ${maxFragments} fragments`);
      return false;
    }
    return true;
  }

  #assembly(): MessageAssembly {
    if (this.#opcode >= opcode.close) return (this.#control ??= new MessageAssembly());
    return (this.#message ??= new MessageAssembly());
  }

  /** Keeps a piece of the payload. */
  #keep(bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    const assembly = this.#assembly();
    // What follows a frame that is not the last is not announced; a message has room to grow for it.
    const announced = this.#isFinal
      ? this.#length - this.#have
      : this.#options.maxMessageBytes - assembly.length;
    assembly.add(bytes, start, end, announced);
    if (this.#isServer) assembly.unmaskLast(end - start, this.#key, this.#have);
    this.#have += end - start;
  }

  get #isServer(): boolean {
    return this.#options.role === "server";
  }

  /** The last piece of the frame's payload is `bytes[start, end)`. */
  #endFrame(bytes: Buffer, start: number, end: number, slab: Slab | undefined): void {
    this.#isInPayload = false;
    if (this.#isFinal && (this.#opcode < opcode.close || this.#messageOpcode === 0)) {
      this.#completed = (this.#completed + 1) & 0xffff;
    }
    if (this.#opcode >= opcode.close) {
      this.#endControl(bytes, start, end);
      return;
    }
    if (this.#message === undefined && this.#isFinal) {
      if (this.#isServer) applyMask(bytes, start, end, this.#key);
      this.#deliver(bytes, start, end, slab);
      return;
    }
    this.#keep(bytes, start, end);
    if (!this.#isFinal) return;
    const whole = this.#message?.taken() ?? Buffer.alloc(0);
    this.#message = undefined;
    this.#deliver(whole, 0, whole.length, undefined);
  }

  #deliver(bytes: Buffer, start: number, end: number, slab: Slab | undefined): void {
    const isText = this.#messageOpcode === opcode.text;
    this.#messageOpcode = 0;
    this.#fragments = 0;
    if (!isText) {
      this.#receiver.binary(slab ?? slabOver(bytes), start, end);
      return;
    }
    const text = bytes.toString("utf8", start, end);
    // Decoding puts U+FFFD in the place of what is not UTF-8; only then is a second look needed.
    if (text.includes(replacementCharacter) && !isUtf8(bytes.subarray(start, end))) {
      this.#fail(protocolClose.badData, "text that is not UTF-8"); // [RFC6455-8.1]
      return;
    }
    this.#receiver.text(text);
  }

  #endControl(bytes: Buffer, start: number, end: number): void {
    let payload: Buffer;
    if (this.#control === undefined) {
      if (this.#isServer) applyMask(bytes, start, end, this.#key);
      payload = bytes.subarray(start, end);
    } else {
      this.#keep(bytes, start, end);
      payload = this.#control.taken();
      this.#control = undefined;
    }
    if (this.#opcode === opcode.ping) this.#receiver.ping(payload);
    else if (this.#opcode === opcode.pong) this.#receiver.pong();
    else this.#endByClose(payload);
  }

  #endByClose(payload: Buffer): void {
    const content = parseClosePayload(payload);
    if ("faultCode" in content) {
      this.#fail(content.faultCode, content.text);
      return;
    }
    this.stop();
    this.#receiver.closeFrame(content.code, content.reason);
  }

  #refuse(text: string): false {
    this.#fail(protocolClose.protocolError, text);
    return false;
  }

  #fail(code: number, text: string): 0 {
    this.stop();
    this.#receiver.failed(code, text);
    return 0;
  }
}

/**
 * A slab of the same memory. Never of the buffer itself: `slice` of a `Buffer` copies nothing, and
 * whoever is told `mustCopy` copies with `slice`.
 */
export function slabOver(bytes: Buffer, options?: { readonly mustCopy: boolean }): Slab {
  return new Slab(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), options);
}
