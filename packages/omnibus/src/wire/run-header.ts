import { OmnibusError } from "../base/index.ts";
import { peekRecordCount } from "./body.ts";
import { ByteReader } from "./byte-reader.ts";
import {
  messageChosenFlag,
  messageEntryFlag,
  messageLogFlag,
  messageMoreFlag,
  messageType,
  redeliveredFlag,
  replayFlag,
  returnedFlag,
  severalFlag,
} from "./run-type.ts";
import { bodyProducerFlag } from "./record-flags.ts";
import { listedBytes, maxListed } from "./sizes.ts";

/**
 * The hop header of the run that is being read: one object is used for all of them, so a forwarding
 * node makes no garbage. Offsets are into `bytes`; `end` is where the runs of its frame end.
 */
export class RunHeader extends ByteReader {
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
  /** Where the copied part of the frame begins in `bytes`. */
  copyStart = 0;
  #listStart = 0;
  #copy: Uint8Array | undefined;

  /** How many messages the body says that it holds. */
  get messages(): number {
    return peekRecordCount(this.bytes, this.bodyStart, this.bodyEnd);
  }

  /** Whether its body names a producer. */
  get hasProducer(): boolean {
    return ((this.bytes[this.bodyStart] as number) & bodyProducerFlag) !== 0;
  }

  /**
   * A copy of the frame from this run on that outlives the memory that it was read into; made once for all
   * runs of the frame. The body stands in it at `bodyStart - copyStart`.
   */
  copyFrame(): Uint8Array {
    if (this.#copy === undefined) {
      this.copyStart = this.bodyStart;
      this.#copy = this.bytes.slice(this.bodyStart, this.end);
    }
    return this.#copy;
  }

  /** The frame's runs have been handed on. */
  forgetFrame(): void {
    this.#copy = undefined;
  }

  /** The bits of `more` that are passed on: not those that a list decides, or that a leaf may not claim. [WIRE-4.3] */
  get passedOn(): number {
    return this.more & ~(severalFlag | replayFlag | returnedFlag | redeliveredFlag);
  }

  /** The number of the address that record `index` goes to, in a run for several. */
  listedNumber(index: number): number {
    const at = this.#listStart + listedBytes * index;
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8);
  }

  /** Reads the header at `at`; returns the offset after the whole run. Throws `bad-frame`. */
  read(bytes: Uint8Array, at: number, end: number): number {
    const first = bytes[at] as number;
    this.bytes = bytes;
    this.start = at;
    this.at = at + 1;
    this.end = end;
    this.type = first & 0x0f;
    this.flags = first & 0xf0;
    if (this.type === messageType) this.#readMessage(first);
    const length = this.varint();
    this.bodyStart = this.at;
    this.bodyEnd = this.at + length;
    if (this.bodyEnd > end) throw this.error(`has ${length} bytes, more than its frame`);
    return this.bodyEnd;
  }

  #readMessage(flags: number): void {
    this.destination = this.varint();
    this.source = this.varint();
    this.scope = this.bytes[this.at++] as number;
    const hasEntry = (flags & messageEntryFlag) !== 0;
    this.entry = hasEntry ? this.varint() : 0;
    this.entrySequence = hasEntry ? this.varint() : 0;
    this.chosen = (flags & messageChosenFlag) === 0 ? 0 : this.varint();
    this.more = (flags & messageMoreFlag) === 0 ? 0 : (this.bytes[this.at++] as number);
    this.listed = (this.more & severalFlag) === 0 ? 0 : this.varint();
    this.#listStart = this.at;
    this.at += listedBytes * this.listed;
    if (this.listed > maxListed) throw this.error(`lists ${this.listed} addresses`);
    const hasLog = (flags & messageLogFlag) !== 0;
    this.logPosition = hasLog ? this.varint() : 0;
    this.logPrevious = hasLog ? this.varint() : 0;
  }

  error(what: string): OmnibusError {
    return new OmnibusError("bad-frame", `the run at offset ${this.start} ${what}`);
  }
}
