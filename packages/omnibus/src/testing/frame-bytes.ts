import { crc32Short } from "../base/index.ts";
import {
  bodyProducerFlag,
  bodyTimeFlag,
  ByteWriter,
  type MessageHeader,
  recordAcknowledgedFlag,
  recordCorrelationFlag,
  recordDeadlineFlag,
  recordHeadersFlag,
  recordIdFlag,
  recordTimeFlag,
  writeHash,
  writeMessageHeader,
} from "../wire/index.ts";

/** One record of a body, as plain data. */
export interface PlainRecord {
  readonly format?: 0 | 1 | 2 | 3;
  readonly payload: Uint8Array;
  readonly id?: Uint8Array | undefined;
  readonly timeMs?: number | undefined;
  readonly correlation?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly headers?: Uint8Array | undefined;
  readonly isAcknowledged?: boolean;
}

/** A body, as plain data. */
export interface PlainBody {
  readonly timeMs?: number | undefined;
  readonly producer?: { id: Uint8Array; incarnation: number; runNumber: number } | undefined;
  readonly records: readonly PlainRecord[];
}

const emptyHeader: MessageHeader = {
  destination: 0,
  source: 0,
  scope: 0x70,
  entry: 0,
  entrySequence: 0,
  chosen: 0,
  more: 0,
  logPosition: 0,
  logPrevious: 0,
};

/** The bytes that hexadecimal digits stand for; white space between them is free. */
export function fromHex(...parts: readonly string[]): Uint8Array {
  const digits = parts.join("").replaceAll(/\s/gu, "");
  if (!/^(?:[0-9a-f]{2})*$/u.test(digits)) throw new TypeError(`not hexadecimal: ${digits}`);
  return Uint8Array.from(digits.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of UTF-8 text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The parts as one piece. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(1 << 28);
  for (const part of parts) writer.raw(part);
  return writer.view().slice();
}

/** Numbers as varints, one behind the other. */
export function varints(...values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(1 << 16);
  for (const value of values) writer.varint(value);
  return writer.view().slice();
}

/** The body of a message run, with its CRC. [WIRE-5.1] */
export function bodyBytes(body: PlainBody): Uint8Array {
  const writer = new ByteWriter(1 << 28);
  const { producer, timeMs } = body;
  writer.u8((producer ? bodyProducerFlag : 0) | (timeMs === undefined ? 0 : bodyTimeFlag));
  writer.varint(body.records.length);
  if (producer !== undefined) {
    writer.raw(producer.id);
    writer.varint(producer.incarnation);
    writer.varint(producer.runNumber);
  }
  if (timeMs !== undefined) writer.varint(timeMs);
  for (const record of body.records) writeRecord(writer, record);
  const hash = new Uint8Array(4);
  writeHash(hash, 0, crc32Short(writer.bytes, 0, writer.at, 0));
  writer.raw(hash);
  return writer.view().slice();
}

function writeRecord(writer: ByteWriter, record: PlainRecord): void {
  const { id, timeMs, correlation, deadlineMs, headers } = record;
  writer.u8(
    (record.format ?? 0) |
      (id === undefined ? 0 : recordIdFlag) |
      (timeMs === undefined ? 0 : recordTimeFlag) |
      (correlation === undefined ? 0 : recordCorrelationFlag) |
      (deadlineMs === undefined ? 0 : recordDeadlineFlag) |
      (headers === undefined ? 0 : recordHeadersFlag) |
      (record.isAcknowledged === true ? recordAcknowledgedFlag : 0),
  );
  if (id !== undefined) writeCounted(writer, id);
  for (const number of [timeMs, correlation, deadlineMs]) {
    if (number !== undefined) writer.varint(number);
  }
  if (headers !== undefined) writeCounted(writer, headers);
  writeCounted(writer, record.payload);
}

function writeCounted(writer: ByteWriter, bytes: Uint8Array): void {
  writer.varint(bytes.length);
  writer.raw(bytes);
}

/** A message run: hop header and body. What the header does not say is 0, its scope 16 hops, global. */
export function messageRun(header: Partial<MessageHeader>, body: Uint8Array): Uint8Array {
  const head = new Uint8Array(64 + 2 * (header.list?.length ?? 0));
  const end = writeMessageHeader(head, 0, { ...emptyHeader, ...header }, body.length);
  return joinBytes(head.subarray(0, end), body);
}

/** A run of any other type. [WIRE-3.2] */
export function controlRun(typeAndFlags: number, content: Uint8Array): Uint8Array {
  return joinBytes(Uint8Array.of(typeAndFlags), varints(content.length), content);
}

export interface FrameParts {
  /** The runs; for a message run how many bytes of it are its hop header. */
  readonly runs: readonly { readonly bytes: Uint8Array; readonly hopBytes?: number }[];
  /** Default: true. */
  readonly hasHash?: boolean;
  /** The number of its first run, where the session counts. [WIRE-2.4] */
  readonly sessionNumber?: number;
}

/** A frame around runs. [WIRE-2.1] */
export function frameBytes({ runs, hasHash = true, sessionNumber }: FrameParts): Uint8Array {
  const number = sessionNumber === undefined ? new Uint8Array(0) : varints(sessionNumber);
  const content = joinBytes(...runs.map(({ bytes }) => bytes));
  const length = number.length + content.length + (hasHash ? 4 : 0);
  const head = joinBytes(Uint8Array.of(0), varints(length), number);
  if (!hasHash) return joinBytes(head, content);
  let crc = 0;
  for (const { bytes, hopBytes } of runs) crc = crc32Short(bytes, 0, hopBytes ?? bytes.length, crc);
  const hash = new Uint8Array(4);
  writeHash(hash, 0, crc32Short(head, 0, head.length, crc));
  return joinBytes(head, content, hash);
}

/** A frame that holds message runs with these bodies. */
export function messageFrame(
  runs: readonly { readonly header: Partial<MessageHeader>; readonly body: Uint8Array }[],
  options: { readonly hasHash?: boolean } = {},
): Uint8Array {
  const parts = runs.map(({ header, body }) => {
    const bytes = messageRun(header, body);
    return { bytes, hopBytes: bytes.length - body.length };
  });
  return frameBytes({ runs: parts, ...options });
}
