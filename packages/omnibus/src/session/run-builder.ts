import { type Clock, crc32, Slab } from "../base/index.ts";
import {
  type Address,
  AddressList,
  bodyHashBytes,
  bodyTimeFlag,
  emptyHeader,
  listedBytes,
  markUsed,
  maxAliasRunBytes,
  maxHopHeaderBytes,
  maxListed,
  maxVarintBytes,
  type MessageHeader,
  messageMoreFlag,
  messageType,
  recordAcknowledgedFlag,
  recordIdFlag,
  recordTimeFlag,
  scopeWaitFlag,
  type ValueFormat,
  writeHash,
  writeMessageHeader,
  writePaddedVarint,
  writeVarint,
} from "../wire/index.ts";
import type { EncodedRun } from "./encoded-run.ts";
import { type Outbox, spoolBytes } from "./outbox.ts";

/** Widths of the numbers that are known only when a run is complete. [WIRE-1.2] */
const lengthWidth = 4;
const countWidth = 2;
/** Records in one run at most: what two bytes of a varint hold. */
const maxRecords = maxListed;
/** Room for the hop header of a run for several, beside its list. */
const severalHeaderBytes = maxHopHeaderBytes + listedBytes;
/** Payloads larger than this get memory of their own. */
const largeBytes = spoolBytes / 2;
/** A byte loop beats a call up to this length. */
const loopBytes = 32;
/** What a record takes at most besides its payload and id. */
const recordOverheadBytes = 1 + 5 + 8 + 5;

/** What a message carries besides its payload. */
export interface RecordFields {
  readonly id?: Uint8Array | undefined;
  /** Default: the time at which its run was begun. */
  readonly timeMs?: number | undefined;
  readonly isAcknowledged?: boolean;
}

const noFields: RecordFields = {};

/**
 * Gathers the records that this node publishes into runs: records for the same address one after
 * another become one run, closed when the address changes, when the spool is full, or at the flush. Records
 * for addresses that lead to the same neighbours may share a run for several. [WIRE-4.5]
 */
export class RunBuilder {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #onRun: (run: EncodedRun) => void;
  /** The second flags byte of the runs that are begun from now on. [WIRE-4.3] */
  more = 0;
  /** Of the first record; undefined: no run is being built. */
  #address: Address | undefined;
  /** The addresses of all records, once there are several. */
  readonly #list = new AddressList();
  readonly #severalHeader: MessageHeader = { ...emptyHeader, list: this.#list };
  #scope = 0;
  #slab: Slab;
  #start = 0;
  #lengthAt = 0;
  #bodyStart = 0;
  #at = 0;
  #end = 0;
  #count = 0;
  // The clock is read once between two flushes, and written out once.
  #tick = 0;
  readonly #time: Uint8Array = new Uint8Array(maxVarintBytes);
  #timeBytes = 0;

  /** `onRun` is handed each complete run, to queue it for whoever gets it. */
  constructor(outbox: Outbox, clock: Clock, onRun: (run: EncodedRun) => void) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#onRun = onRun;
    this.#slab = outbox.spool;
    outbox.builder = this;
  }

  /**
   * Appends a record with the payload `bytes[start, end)`. With `mayJoin` it may go into a run for several,
   * if there is one to join: the caller has made sure that all of its addresses lead to the same neighbours.
   */
  add(
    address: Address,
    scopeByte: number,
    payload: { format: ValueFormat; bytes: Uint8Array; start: number; end: number },
    fields: RecordFields = noFields,
    mayJoin = false,
  ): void {
    const length = payload.end - payload.start;
    const most = length + recordOverheadBytes + (fields.id?.length ?? 0) + bodyHashBytes;
    if (this.#address !== undefined && !this.#hasRoomFor(most, scopeByte)) this.close();
    if (this.#address === undefined) this.#begin(address, scopeByte, most);
    else if (address !== this.#address || this.#list.length > 0)
      this.#join(address, scopeByte, most, mayJoin);
    this.#record(payload, length, fields);
    this.#count++;
    if (most > largeBytes) this.close();
    this.#outbox.schedule();
  }

  #hasRoomFor(most: number, scopeByte: number): boolean {
    const listBytes =
      this.#list.length === 0 ? 0 : listedBytes * this.#list.length + severalHeaderBytes;
    return (
      scopeByte === this.#scope &&
      this.#count < maxRecords &&
      this.#at + most + listBytes <= this.#end
    );
  }

  /** The record that comes is for another address than the first, or the run is for several already. */
  #join(address: Address, scopeByte: number, most: number, mayJoin: boolean): void {
    const list = this.#list;
    if (list.length === 0) {
      const listBytes = listedBytes * this.#count + severalHeaderBytes;
      if (mayJoin && this.#at + most + listBytes <= this.#end && this.#slab === this.#outbox.spool)
        for (let n = 0; n < this.#count; n++) list.add(this.#address as Address);
    }
    if (mayJoin && list.length > 0) {
      list.add(address);
      // As in `begin`: from here on its number stands in a header.
      address.lastUsedTick = this.#outbox.tick;
      return;
    }
    this.close();
    this.#begin(address, scopeByte, most);
  }

  #begin(address: Address, scopeByte: number, most: number): void {
    const outbox = this.#outbox;
    if (most > largeBytes) {
      this.#slab = new Slab(new Uint8Array(most + maxHopHeaderBytes));
      this.#start = 0;
      this.#end = this.#slab.bytes.length;
    } else {
      this.#start = outbox.reserve(most + maxHopHeaderBytes + 2 * maxAliasRunBytes);
      this.#slab = outbox.spool;
      this.#end = this.#start + outbox.room;
    }
    const bytes = this.#slab.bytes;
    let at = this.#start;
    bytes[at++] = messageType | (this.more === 0 ? 0 : messageMoreFlag);
    at = writeVarint(bytes, at, address.number);
    bytes[at++] = 0;
    bytes[at++] = scopeByte;
    if (this.more !== 0) bytes[at++] = this.more;
    this.#lengthAt = at;
    this.#bodyStart = at += lengthWidth;
    bytes[at] = bodyTimeFlag;
    at += 1 + countWidth;
    if (outbox.tick !== this.#tick) {
      this.#tick = outbox.tick;
      this.#timeBytes = writeVarint(this.#time, 0, this.#clock.wallMs());
    }
    for (let n = 0; n < this.#timeBytes; n++) bytes[at++] = this.#time[n] as number;
    this.#at = at;
    this.#address = address;
    // From here on its number stands in a header: it must not be given to another address.
    address.lastUsedTick = outbox.tick;
    this.#scope = scopeByte;
    this.#count = 0;
  }

  #record(
    payload: { format: ValueFormat; bytes: Uint8Array; start: number },
    length: number,
    fields: RecordFields,
  ): void {
    const bytes = this.#slab.bytes;
    const { id, timeMs, isAcknowledged } = fields;
    let at = this.#at;
    bytes[at++] =
      payload.format |
      (id === undefined ? 0 : recordIdFlag) |
      (timeMs === undefined ? 0 : recordTimeFlag) |
      (isAcknowledged === true ? recordAcknowledgedFlag : 0);
    if (id !== undefined) {
      at = writeVarint(bytes, at, id.length);
      bytes.set(id, at);
      at += id.length;
    }
    if (timeMs !== undefined) at = writeVarint(bytes, at, timeMs);
    at = writeVarint(bytes, at, length);
    const from = payload.bytes;
    const start = payload.start;
    if (length <= loopBytes)
      for (let n = 0; n < length; n++) bytes[at + n] = from[start + n] as number;
    else
      bytes.set(
        start === 0 && length === from.length ? from : from.subarray(start, start + length),
        at,
      );
    this.#at = at + length;
  }

  /** Completes the run that is being built, if there is one. */
  close(): void {
    const address = this.#address;
    if (address === undefined) return;
    this.#address = undefined;
    const bytes = this.#slab.bytes;
    const bodyStart = this.#bodyStart;
    writePaddedVarint(bytes, bodyStart + 1, this.#count, countWidth);
    const end = writeHash(bytes, this.#at, crc32(bytes, bodyStart, this.#at));
    const run = this.#outbox.run;
    run.headerSlab = this.#slab;
    run.bodySlab = this.#slab;
    run.bodyStart = bodyStart;
    run.bodyEnd = end;
    run.source = undefined;
    if (this.#list.length > 0) this.#closeForSeveral(run, end);
    else this.#closeForOne(run, address, end);
    run.messages = this.#count;
    run.scope = this.#scope;
    run.isPatient = (this.#scope & scopeWaitFlag) !== 0;
    run.crcBefore = -1;
    run.addressAlias.end = 0;
    run.sourceAlias.end = 0;
    this.#onRun(run);
    this.#list.clear();
  }

  #closeForOne(run: EncodedRun, address: Address, end: number): void {
    writePaddedVarint(this.#slab.bytes, this.#lengthAt, end - this.#bodyStart, lengthWidth);
    if (this.#slab === this.#outbox.spool) this.#outbox.commit(end);
    else this.#outbox.reserve(2 * maxAliasRunBytes);
    // Again: a flush may have been between.
    address.lastUsedTick = this.#outbox.tick;
    run.address = address;
    run.list = undefined;
    run.headerStart = this.#start;
    run.headerEnd = this.#bodyStart;
  }

  /** How many addresses there are is known only now: the hop header stands behind the body. */
  #closeForSeveral(run: EncodedRun, end: number): void {
    const header = this.#severalHeader;
    header.scope = this.#scope;
    run.address = undefined;
    run.list = this.#list;
    run.headerStart = end;
    run.headerEnd = writeMessageHeader(this.#slab.bytes, end, header, end - this.#bodyStart);
    this.#outbox.commit(run.headerEnd);
    markUsed(this.#list, this.#outbox.tick);
  }
}
