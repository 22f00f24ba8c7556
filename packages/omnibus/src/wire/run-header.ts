import { OmnibusError } from "../base/index.ts";
import type { AddressList } from "./address-list.ts";
import { bodyFlag, peekRecordCount } from "./body.ts";
import { messageFlag, moreFlag, runType } from "./run-type.ts";
import { writeVarint } from "./varint.ts";

/**
 * The hop header of the run that is being read: one object is used for all of them, so a forwarding
 * node makes no garbage. Offsets are into `bytes`.
 */
export class RunHeader {
  bytes: Uint8Array = new Uint8Array(0);
  type = 0;
  flags = 0;
  /** The neighbour's number for the address that it goes to. */
  destination = 0;
  /** The neighbour's number for the node that it comes from; 0: the neighbour itself. */
  source = 0;
  scope = 0;
  entry = 0;
  entrySequence = 0;
  chosen = 0;
  more = 0;
  /** How many addresses are listed, one for each record; 0: all go to `destination`. [WIRE-4.5] */
  listed = 0;
  logPosition = 0;
  logPrevious = 0;
  /** Where the hop header begins. */
  start = 0;
  /** Where the body (message) or the content (any other type) begins and ends. */
  bodyStart = 0;
  bodyEnd = 0;
  /** Where the runs of the frame end that it stands in. */
  frameEnd = 0;
  #at = 0;
  #listStart = 0;
  #copy: Uint8Array | undefined;
  #copyStart = 0;

  /** How many messages the body says that it holds. */
  get messages(): number {
    return peekRecordCount(this.bytes, this.bodyStart, this.bodyEnd);
  }

  /** Whether its body names a producer. */
  get hasProducer(): boolean {
    return ((this.bytes[this.bodyStart] as number) & bodyFlag.producer) !== 0;
  }

  /**
   * A copy of the frame from this run on that outlives the memory that it was read into; made once for all
   * runs of the frame. The body stands in it at `bodyStart - copyStart`.
   */
  copyFrame(): Uint8Array {
    if (this.#copy === undefined) {
      this.#copyStart = this.bodyStart;
      this.#copy = this.bytes.slice(this.bodyStart, this.frameEnd);
    }
    return this.#copy;
  }

  /** Where the copied part of the frame begins in `bytes`. */
  get copyStart(): number {
    return this.#copyStart;
  }

  /** The frame's runs have been handed on. */
  forgetFrame(): void {
    this.#copy = undefined;
  }

  /** The bits of `more` that a node hands on: not what its own list says, or what it believes itself. [WIRE-4.3] */
  get passedOn(): number {
    return this.more & ~(moreFlag.several | moreFlag.replay);
  }

  /** The number of the address that record `index` goes to, in a run for several. */
  listedNumber(index: number): number {
    const at = this.#listStart + 2 * index;
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8);
  }

  /** Becomes the header of a run for one address, of the same kind as another but with a body of its own. */
  takeBody(of: RunHeader, bytes: Uint8Array, bodyStart: number, bodyEnd: number): void {
    this.bytes = bytes;
    this.source = of.source;
    this.scope = of.scope;
    this.more = of.passedOn;
    this.bodyStart = bodyStart;
    this.bodyEnd = bodyEnd;
    this.frameEnd = bodyEnd;
    this.#copy = undefined;
  }

  /** Reads the header at `at`; returns the offset after the whole run. Throws `bad-frame`. */
  read(bytes: Uint8Array, at: number, end: number): number {
    this.bytes = bytes;
    this.start = at;
    const first = bytes[at] as number;
    this.type = first & 0x0f;
    this.flags = first & 0xf0;
    this.#at = at + 1;
    if (this.type === runType.message) this.#readMessage();
    const length = this.#varint();
    this.bodyStart = this.#at;
    this.bodyEnd = this.#at + length;
    if (this.bodyEnd > end) this.#tooLong(length, at);
    return this.bodyEnd;
  }

  /**
   * Only finds where the hop header of the run at `at` ends (`bodyStart`) and where the run does; returns the
   * latter. A second walk over a frame that has just been read costs less than keeping every header of it.
   */
  skim(bytes: Uint8Array, at: number, end: number): number {
    this.bytes = bytes;
    const first = bytes[at] as number;
    this.type = first & 0x0f;
    this.#at = at + 1;
    if (this.type === runType.message) {
      this.#varint();
      this.#varint();
      this.#at++;
      if (first & messageFlag.entry) {
        this.#varint();
        this.#varint();
      }
      if (first & messageFlag.chosen) this.#varint();
      if (first & messageFlag.more && (bytes[this.#at++] as number) & moreFlag.several) {
        const listed = this.#varint();
        this.#at += listedBytes * listed;
      }
      if (first & messageFlag.log) {
        this.#varint();
        this.#varint();
      }
    }
    const length = this.#varint();
    this.bodyStart = this.#at;
    this.bodyEnd = this.#at + length;
    if (this.bodyEnd > end) this.#tooLong(length, at);
    return this.bodyEnd;
  }

  #tooLong(length: number, at: number): never {
    throw new OmnibusError(
      "bad-frame",
      `a run of ${length} bytes at offset ${at} reaches beyond its frame`,
    );
  }

  #readMessage(): void {
    const flags = this.flags;
    this.destination = this.#varint();
    this.source = this.#varint();
    this.scope = this.bytes[this.#at++] as number;
    const hasEntry = (flags & messageFlag.entry) !== 0;
    this.entry = hasEntry ? this.#varint() : 0;
    this.entrySequence = hasEntry ? this.#varint() : 0;
    this.chosen = (flags & messageFlag.chosen) === 0 ? 0 : this.#varint();
    this.more = (flags & messageFlag.more) === 0 ? 0 : (this.bytes[this.#at++] as number);
    this.listed = (this.more & moreFlag.several) === 0 ? 0 : this.#varint();
    this.#listStart = this.#at;
    this.#at += listedBytes * this.listed;
    if (this.listed > maxListed)
      throw new OmnibusError("bad-frame", `a run lists ${this.listed} addresses`);
    const hasLog = (flags & messageFlag.log) !== 0;
    this.logPosition = hasLog ? this.#varint() : 0;
    this.logPrevious = hasLog ? this.#varint() : 0;
  }

  #varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#at++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    byte = bytes[this.#at++] as number;
    if (byte < 0x80) return value | (byte << 7);
    value |= (byte & 0x7f) << 7;
    let factor = 0x4000;
    for (let n = 2; n < 8; n++) {
      byte = bytes[this.#at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      factor *= 128;
    }
    throw new OmnibusError("bad-frame", `a number before offset ${this.#at} has more than 53 bits`);
  }
}

/** The fields of a message's hop header that the sender decides. */
export interface MessageHeader {
  destination: number;
  source: number;
  scope: number;
  entry: number;
  entrySequence: number;
  chosen: number;
  more: number;
  logPosition: number;
  logPrevious: number;
  /** The addresses of the records, if they go to several; `destination` is 0 then. */
  list?: AddressList | undefined;
}

/** A hop header in which nothing is said. */
export const emptyHeader: Readonly<MessageHeader> = {
  destination: 0,
  source: 0,
  scope: 0,
  entry: 0,
  entrySequence: 0,
  chosen: 0,
  more: 0,
  logPosition: 0,
  logPrevious: 0,
  list: undefined,
};

/** The most bytes that a hop header takes, the list of a run for several addresses not counted. */
export const maxHopHeaderBytes = 64;

/** Bytes of one address in the list of a run for several. */
export const listedBytes = 2;

/** The most addresses that a run for several lists, which is the most records that it has. [WIRE-4.5] */
export const maxListed = 16_383;

/** Writes a message's hop header at `at`; returns the offset after it, where the body belongs. */
export function writeMessageHeader(
  bytes: Uint8Array,
  at: number,
  header: MessageHeader,
  bodyBytes: number,
): number {
  const hasEntry = header.entry !== 0;
  const hasLog = header.logPosition !== 0;
  const { list } = header;
  // What says that a list follows stands and falls with the list.
  const more =
    list === undefined ? header.more & ~moreFlag.several : header.more | moreFlag.several;
  bytes[at++] =
    runType.message |
    (hasEntry ? messageFlag.entry : 0) |
    (header.chosen === 0 ? 0 : messageFlag.chosen) |
    (hasLog ? messageFlag.log : 0) |
    (more === 0 ? 0 : messageFlag.more);
  at = writeVarint(bytes, at, header.destination);
  at = writeVarint(bytes, at, header.source);
  bytes[at++] = header.scope;
  if (hasEntry) {
    at = writeVarint(bytes, at, header.entry);
    at = writeVarint(bytes, at, header.entrySequence);
  }
  if (header.chosen !== 0) at = writeVarint(bytes, at, header.chosen);
  if (more !== 0) bytes[at++] = more;
  if (list !== undefined) at = writeList(bytes, at, list);
  if (hasLog) {
    at = writeVarint(bytes, at, header.logPosition);
    at = writeVarint(bytes, at, header.logPrevious);
  }
  return writeVarint(bytes, at, bodyBytes);
}

function writeList(bytes: Uint8Array, at: number, list: AddressList): number {
  at = writeVarint(bytes, at, list.length);
  for (let n = 0; n < list.length; n++) {
    const { number } = list.at(n);
    bytes[at++] = number;
    bytes[at++] = number >>> 8;
  }
  return at;
}

/** Writes the first bytes of a run that is not a message; returns where its content belongs. */
export function writeControlHeader(
  bytes: Uint8Array,
  at: number,
  typeAndFlags: number,
  contentBytes: number,
): number {
  bytes[at++] = typeAndFlags;
  return writeVarint(bytes, at, contentBytes);
}
