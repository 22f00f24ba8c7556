import assert from "node:assert/strict";
import { crc32Short } from "../../packages/omnibus/src/base/index.ts";
import {
  frameBytes,
  fromHex,
  joinBytes,
  messageRun,
  toHex,
} from "../../packages/omnibus/src/testing/index.ts";
import {
  BodyReader,
  ContentReader,
  isBodyIntact,
  type MessageHeader,
  RunHeader,
  runType,
} from "../../packages/omnibus/src/wire/index.ts";

/** A run as a transcript holds it. */
export interface Run {
  readonly bytes: Uint8Array;
  /** Of a message how many of them are its hop header. */
  readonly hopBytes?: number;
}

export function message(header: Partial<MessageHeader>, body: Uint8Array): Run {
  const bytes = messageRun(header, body);
  return { bytes, hopBytes: bytes.length - body.length };
}

/** A run that was read: its hop header's fields, and its body or content. */
export interface ReadRun {
  readonly type: number;
  readonly header: MessageHeader;
  readonly content: Uint8Array;
  readonly run: Run;
}

/** Reads one frame with a session number, by the clauses of section 2 and nothing else. */
export function readFrame(bytes: Uint8Array): { number: number; runs: readonly ReadRun[] } {
  const head = new ContentReader(bytes, 0, bytes.length, "a frame");
  assert.equal(head.varint(), 0);
  assert.equal(head.varint(), head.left);
  const number = head.varint();
  const runsStart = bytes.length - head.left;
  const runs: ReadRun[] = [];
  let crc = 0;
  for (let at = runsStart; at < bytes.length - 4;) {
    const header = new RunHeader();
    const end = header.read(bytes, at, bytes.length - 4);
    const isMessage = header.type === runType.message;
    crc = crc32Short(bytes, at, isMessage ? header.bodyStart : end, crc);
    const content = bytes.slice(header.bodyStart, end);
    if (isMessage) assert.ok(isBodyIntact(content, 0, content.length));
    const run = {
      bytes: bytes.slice(at, end),
      hopBytes: isMessage ? header.bodyStart - at : end - at,
    };
    runs.push({ type: header.type, header, content, run });
    at = end;
  }
  crc = crc32Short(bytes, 0, runsStart, crc);
  assert.equal(new DataView(bytes.buffer, bytes.byteOffset).getInt32(bytes.length - 4, true), crc);
  return { number, runs };
}

/** A frame with these runs, the first of which has that number; checked against its hex. */
export function frame(sessionNumber: number, runs: readonly Run[], hex: string): Uint8Array {
  const bytes = frameBytes({ runs, sessionNumber });
  assert.equal(toHex(bytes), toHex(fromHex(hex)));
  return bytes;
}

/** The only record of a body. */
export function onlyRecord(body: Uint8Array): {
  correlation: number;
  payload: Uint8Array;
  reader: BodyReader;
} {
  const reader = new BodyReader();
  reader.open(body, 0, body.length);
  assert.equal(reader.count, 1);
  assert.ok(reader.next());
  const { correlation, payloadStart, payloadEnd } = reader;
  return { correlation, payload: body.slice(payloadStart, payloadEnd), reader };
}

/** Which address each number stands for, in one direction of one session; learned from alias runs. */
export class Numbers {
  readonly #names = new Map<number, string>();

  /** Learns the aliases among the runs; returns the others. */
  learn(runs: readonly ReadRun[]): readonly ReadRun[] {
    for (const { type, content } of runs) {
      if (type !== runType.alias) continue;
      const alias = new ContentReader(content, 0, content.length, "an alias");
      const number = alias.varint();
      this.#names.set(number, `${alias.u8()}:${alias.text()}`);
    }
    return runs.filter(({ type }) => type !== runType.alias);
  }

  /** `kind:name`; the kinds are those of [WIRE-7.1]. */
  name(number: number): string {
    return this.#names.get(number) ?? assert.fail(`number ${number} was never told`);
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(...parts);
}
