import { type Clock, crc32 } from "../base/index.ts";
import type { RecordFields } from "../session/index.ts";
import {
  bodyHashBytes,
  bodyTimeFlag,
  ByteWriter,
  maxListed,
  maxVarintBytes,
  recordAcknowledgedFlag,
  recordIdFlag,
  recordTimeFlag,
  type ValueFormat,
  writeHash,
  writeVarint,
} from "../wire/index.ts";

/** A run that holds so many bytes takes no more records. */
const fullBytes = 32_768;
/** What a record takes at most besides its payload and id. */
const recordOverheadBytes = 32;

/** A payload in memory. */
export interface Payload {
  readonly format: ValueFormat;
  readonly bytes: Uint8Array;
}

/** A complete run before it has a hop header. */
export interface GatheredRun {
  readonly topic: string;
  readonly scope: number;
  readonly messages: number;
  readonly body: Uint8Array;
}

/** What this needs of the bus. */
export interface GatheringHost {
  readonly clock: Clock;
  readonly maxMessageBytes: number;
}

/** Records that follow one another to the same topic become one run. [WIRE-5.1] */
export class RunGatherer {
  readonly #host: GatheringHost;
  readonly #onRun: (run: GatheredRun) => void;
  readonly #records: ByteWriter;
  #topic = "";
  #scope = 0;
  #count = 0;

  constructor(host: GatheringHost, onRun: (run: GatheredRun) => void) {
    this.#records = new ByteWriter(host.maxMessageBytes + 2 * fullBytes);
    this.#host = host;
    this.#onRun = onRun;
  }

  /** Appends a record. */
  add(
    topic: string,
    scope: number,
    { format, bytes }: Payload,
    { id, timeMs, isAcknowledged }: RecordFields,
  ): void {
    const records = this.#records;
    const most = bytes.length + (id?.length ?? 0) + recordOverheadBytes;
    const isFull = this.#count >= maxListed || records.at + most > fullBytes;
    if (topic !== this.#topic || scope !== this.#scope || isFull) this.close();
    this.#topic = topic;
    this.#scope = scope;
    this.#count++;
    records.u8(
      format |
        (id === undefined ? 0 : recordIdFlag) |
        (timeMs === undefined ? 0 : recordTimeFlag) |
        (isAcknowledged === true ? recordAcknowledgedFlag : 0),
    );
    if (id !== undefined) {
      records.varint(id.length);
      records.raw(id);
    }
    if (timeMs !== undefined) records.varint(timeMs);
    records.varint(bytes.length);
    records.raw(bytes);
  }

  /** Completes the run that is being gathered, if there is one. */
  close(): void {
    const messages = this.#count;
    if (messages === 0) return;
    const records = this.#records;
    const body = new Uint8Array(1 + 2 * maxVarintBytes + records.at + bodyHashBytes);
    body[0] = bodyTimeFlag;
    const at = writeVarint(body, writeVarint(body, 1, messages), this.#host.clock.wallMs());
    body.set(records.view(), at);
    const hashAt = at + records.at;
    const end = writeHash(body, hashAt, crc32(body, 0, hashAt));
    records.reset();
    this.#count = 0;
    this.#onRun({ topic: this.#topic, scope: this.#scope, messages, body: body.subarray(0, end) });
  }
}
