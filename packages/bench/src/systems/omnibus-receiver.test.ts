import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { fillPayload } from "../stats/payload.ts";
import { OmnibusReceiver } from "./omnibus-receiver.ts";

const SIZE = 16;
const PERIOD = 1024;
const RUN = 8;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A frame with one run of records; `harm` may change the body after its CRC was made. */
function frame(sequences: readonly number[], harm?: (body: Buffer) => void): Buffer {
  const records = sequences.flatMap((sequence) => {
    const payload = new Uint8Array(SIZE);
    fillPayload(payload, sequence % PERIOD);
    return [0, ...varint(SIZE), ...payload];
  });
  const content = Buffer.from([0, ...varint(sequences.length), ...records]);
  const hash = Buffer.alloc(4);
  hash.writeUInt32LE(crc32(content));
  const body = Buffer.concat([content, hash]);
  harm?.(body);
  const run = Buffer.concat([Buffer.from([0, 5, 0, 16, ...varint(body.length)]), body]);
  return Buffer.concat([Buffer.from([0, ...varint(run.length + 4)]), run, Buffer.alloc(4)]);
}

function runs(count: number): Buffer[] {
  return Array.from({ length: count }, (_, run) =>
    frame(Array.from({ length: RUN }, (_none, index) => run * RUN + index)),
  );
}

function faultsOf(frames: readonly Buffer[], sent: number, pieceBytes = 4096): string[] {
  const receiver = new OmnibusReceiver(SIZE, PERIOD);
  const bytes = Buffer.concat(frames);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    receiver.push(bytes.subarray(at, at + pieceBytes));
  }
  return receiver.faults(sent);
}

test("our frames: a clean stream passes, however it is cut, and over its period", () => {
  for (const pieceBytes of [1, 7, 1000, 65_536]) {
    assert.deepEqual(faultsOf(runs(300), 300 * RUN, pieceBytes), []);
  }
});

test("our frames: a run lost, duplicated or exchanged is caught wherever it is", () => {
  for (const at of [0, 1, 17, 98]) {
    const lost = runs(100).toSpliced(at, 1);
    const duplicated = runs(100).toSpliced(at, 0, frame([0, 1, 2].map((n) => at * RUN + n)));
    const exchanged = runs(100);
    [exchanged[at], exchanged[at + 1]] = [exchanged[at + 1], exchanged[at]] as [Buffer, Buffer];
    for (const history of [lost, duplicated, exchanged]) {
      assert.notDeepEqual(faultsOf(history, 100 * RUN), [], `run ${at}`);
    }
  }
});

test("our frames: the last run lost, and one too many, show in the count", () => {
  assert.deepEqual(faultsOf(runs(99), 100 * RUN), ["8 lost"]);
  assert.deepEqual(faultsOf(runs(101), 100 * RUN), ["8 unexpected"]);
});

test("our frames: a loss inside one run is caught by the run after it", () => {
  const history = runs(100).toSpliced(50, 1, frame([400, 401, 403, 404, 405, 406, 407]));
  assert.notDeepEqual(faultsOf(history, 100 * RUN), []);
});

test("our frames: a lasting corruption is caught by the sample, also where only the CRC can tell", () => {
  const harmed = (harm: (body: Buffer) => void): Buffer[] =>
    Array.from({ length: 40 }, (_, run) =>
      frame(
        Array.from({ length: RUN }, (_none, index) => run * RUN + index),
        harm,
      ),
    );
  const flip = (at: number) => (body: Buffer) => body.writeUInt8(body.readUInt8(at) ^ 1, at);
  for (const at of [0, 12, 100, 149]) {
    assert.notDeepEqual(faultsOf(harmed(flip(at)), 40 * RUN), [], `byte ${at}`);
  }
});
