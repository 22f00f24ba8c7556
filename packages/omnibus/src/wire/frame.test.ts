import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError, Slab } from "../base/index.ts";
import {
  bodyBytes,
  controlRun,
  frameBytes,
  fromHex,
  joinBytes,
  messageFrame,
  RunLog,
  SeededRandom,
  toHex,
  utf8,
} from "../testing/index.ts";
import { foreignPorts } from "./foreign-ports.ts";
import { runType } from "./run-type.ts";

const hi = bodyBytes({ records: [{ payload: utf8("hi"), format: 1 }] });

function isCoded(...codes: string[]): (error: unknown) => boolean {
  return (error) => error instanceof OmnibusError && codes.includes(error.code);
}

test("a frame with one message: version, length, run, hash [WIRE-2.1]", () => {
  const bytes = messageFrame([{ header: { destination: 5 }, body: hi }]);
  assert.equal(
    toHex(bytes),
    toHex(fromHex("00 13  00 05 00 70 0a  00 01 01 02 6869 4b03d0ae  592ab72f")),
  );
  const log = new RunLog();
  assert.equal(log.readAll(bytes), bytes.length);
  assert.deepEqual(log.lines, [`message destination=5 scope=112 ${toHex(hi)}`]);
  assert.ok(log.bodies[0]?.isIntact);
});

test("the same without a hash, where both sides trust the transport [WIRE-2.3]", () => {
  const bytes = messageFrame([{ header: { destination: 5 }, body: hi }], { hasHash: false });
  assert.equal(toHex(bytes), toHex(fromHex("00 0f  00 05 00 70 0a  00 01 01 02 6869 4b03d0ae")));
  const log = new RunLog({ hasHash: false });
  assert.equal(log.readAll(bytes), bytes.length);
  assert.equal(log.lines.length, 1);
});

test("the hash covers other runs whole, of messages the hop header only [WIRE-2.3]", () => {
  const alias = controlRun(runType.alias, fromHex("05 00", toHex(utf8("a/b"))));
  const bytes = frameBytes({
    runs: [{ bytes: alias }, { bytes: joinBytes(fromHex("00 05 00 70 0a"), hi), hopBytes: 5 }],
  });
  const log = new RunLog();
  log.readAll(bytes);
  assert.deepEqual(
    log.lines.map((line) => line.slice(0, 7)),
    ["alias/0", "message"],
  );
  const damaged = bytes.slice();
  const payloadAt = bytes.length - 4 - 6;
  damaged[payloadAt] = 0x48;
  const other = new RunLog();
  other.readAll(damaged);
  assert.equal(other.bodies[0]?.isIntact, false);
});

/** Shows `pieces` as a stream link does: what was not used comes again, followed by more. */
function feed(log: RunLog, pieces: readonly Uint8Array[]): void {
  let rest: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    const shown = joinBytes(Uint8Array.of(0xaa), rest, piece);
    const used = log.reader.read(new Slab(shown), 1, shown.length);
    rest = shown.slice(used);
    assert.ok(log.reader.wantedBytes === 0 || log.reader.wantedBytes > rest.length);
  }
  assert.equal(rest.length, 0);
}

test("frames of up to 4 KiB, split at every position, with and without hash", () => {
  for (const payloadBytes of [0, 1, 60, 127, 128, 1000, 4000]) {
    for (const hasHash of [true, false]) {
      const body = bodyBytes({
        timeMs: 1,
        records: [{ payload: new Uint8Array(payloadBytes).fill(7) }],
      });
      const ping = { bytes: controlRun(runType.ping, new Uint8Array(0)) };
      const bytes = joinBytes(
        messageFrame(
          [{ header: { destination: 300, source: 2, entry: 9, entrySequence: 1 }, body }],
          { hasHash },
        ),
        frameBytes({ runs: [ping, ping], hasHash }),
      );
      const whole = new RunLog({ hasHash });
      whole.readAll(bytes);
      assert.equal(whole.lines.length, 3);
      for (let at = 0; at <= bytes.length; at++) {
        const log = new RunLog({ hasHash });
        feed(log, [bytes.subarray(0, at), bytes.subarray(at)]);
        if (log.lines.join() !== whole.lines.join())
          assert.deepEqual(log.lines, whole.lines, `split at ${at}`);
      }
    }
  }
});

test("a stream in single bytes, and in random pieces, gives the same runs", () => {
  const random = new SeededRandom(7);
  const frames = Array.from({ length: 20 }, (_, n) =>
    messageFrame([
      {
        header: { destination: n + 1 },
        body: bodyBytes({ records: [{ payload: random.bytes(random.integer(600)) }] }),
      },
      { header: { destination: n + 2 }, body: hi },
    ]),
  );
  const bytes = joinBytes(...frames);
  const whole = new RunLog();
  whole.readAll(bytes);
  for (let round = 0; round < 20; round++) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = round === 0 ? 1 : 1 + random.integer(900);
      pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    const log = new RunLog();
    feed(log, pieces);
    assert.deepEqual(log.lines, whole.lines, `seed ${random.seed}, round ${round}`);
  }
});

test("every flip of one bit is found by the frame's hash or the body's CRC", () => {
  const alias = { bytes: controlRun(runType.alias, fromHex("05 00", toHex(utf8("a/b")))) };
  const run = joinBytes(fromHex("10 05 00 70 03 07 0a"), hi);
  const bytes = frameBytes({ runs: [alias, { bytes: run, hopBytes: 7 }] });
  const good = new RunLog();
  good.readAll(bytes);
  for (let at = 0; at < bytes.length; at++) {
    for (let value = 0; value < 256; value++) {
      if (value === bytes[at]) continue;
      const damaged = bytes.slice();
      damaged[at] = value;
      const log = new RunLog();
      try {
        log.readAll(damaged);
      } catch (error) {
        assert.ok(isCoded("bad-frame", "bad-version", "too-big")(error), `${at}: ${String(error)}`);
        continue;
      }
      // Nothing came, as more bytes are awaited, or a body whose CRC says that it is damaged.
      const isHarmless = log.lines.length === 0 || log.bodies.some(({ isIntact }) => !isIntact);
      assert.ok(isHarmless, `byte ${at} as ${value}: ${log.lines.join("; ")}`);
    }
  }
});

test("nothing of a frame with a wrong hash is handed on", () => {
  const ping = { bytes: controlRun(runType.ping, new Uint8Array(0)) };
  const bytes = frameBytes({ runs: [ping, ping] });
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  const log = new RunLog();
  assert.throws(() => log.readAll(bytes), isCoded("bad-frame"));
  assert.deepEqual(log.lines, []);
});

test("another version is named in the error [WIRE-2.2]", () => {
  assert.throws(
    () => new RunLog().readAll(fromHex("01 00")),
    /\[bad-version\] frame version 1; this side speaks 0/,
  );
});

test("an answer in HTTP or TLS was only a strange frame version", () => {
  const stream = new RunLog({ foreign: foreignPorts });
  assert.throws(() => stream.readAll(fromHex("48 54")), /\[bad-version\].*answers HTTP/);
  assert.throws(() => stream.readAll(fromHex("15 03")), /\[bad-version\].*try tls:/);
});

test("a length over the limit is refused before its bytes come", () => {
  const log = new RunLog({ maxFrameBytes: 100 });
  assert.throws(() => log.readAll(fromHex("00 65")), isCoded("too-big"));
  assert.throws(() => log.readAll(fromHex("00 ffffffff7f")), isCoded("too-big"));
  assert.equal(log.readAll(fromHex("00 64")), 0);
  assert.equal(log.reader.wantedBytes, 102);
});

test("a length with too many bytes was read as one that had ended", () => {
  for (const hasHash of [true, false]) {
    const log = new RunLog({ hasHash });
    assert.throws(
      () => log.readAll(fromHex("00 80808080808000 00 00")),
      /\[bad-frame\] the length/,
    );
    assert.equal(log.readAll(fromHex("00 8080808080")), 0);
  }
});

test("a frame that is too short for a hash, and a run that reaches beyond its frame, are refused", () => {
  assert.throws(() => new RunLog().readAll(fromHex("00 03 070000")), isCoded("bad-frame"));
  assert.throws(
    () => new RunLog({ hasHash: false }).readAll(fromHex("00 02 0701 00")),
    isCoded("bad-frame"),
  );
  assert.throws(
    () => new RunLog({ hasHash: false }).readAll(fromHex("00 05 00 05 00 70 02 00 00")),
    isCoded("bad-frame"),
  );
});

test("a frame without runs is fine; what follows it is read", () => {
  const log = new RunLog();
  log.readAll(
    joinBytes(
      frameBytes({ runs: [] }),
      frameBytes({ runs: [{ bytes: controlRun(7, new Uint8Array(0)) }] }),
    ),
  );
  assert.deepEqual(log.lines, ["ping/0 "]);
});

test("random bytes, and good frames with random damage, give coded errors and never anything else", () => {
  const good = messageFrame(
    [{ header: { destination: 5, entry: 3, entrySequence: 4 }, body: hi }],
    { hasHash: false },
  );
  const start = Uint8Array.of(0);
  const damaged = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 })
    .map((changes) => {
      const bytes = good.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => joinBytes(start, bytes));
  fc.assert(
    fc.property(fc.oneof(random, damaged), fc.boolean(), (bytes, hasHash) => {
      const log = new RunLog({ hasHash });
      try {
        const used = log.readAll(bytes);
        assert.ok(used <= bytes.length);
      } catch (error) {
        assert.ok(isCoded("bad-frame", "bad-version", "too-big")(error), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test("runs of any kind in frames of any shape come back [WIRE-2.1]", () => {
  const runs = fc.array(
    fc.oneof(
      fc.record({
        type: fc.integer({ min: 1, max: 15 }),
        content: fc.uint8Array({ maxLength: 300 }),
      }),
      fc.record({ destination: fc.nat(70_000), payload: fc.uint8Array({ maxLength: 300 }) }),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(runs, fc.boolean(), (list, hasHash) => {
      const parts = list.map((run) => {
        if ("type" in run) return { bytes: controlRun(run.type, run.content) };
        const { destination, payload } = run;
        const body = bodyBytes({ records: [{ payload }] });
        const bytes = messageFrame([{ header: { destination }, body }], { hasHash: false });
        const headBytes = bytes.length - (bytes.length > 129 ? 3 : 2);
        const whole = bytes.subarray(bytes.length - headBytes);
        return { bytes: whole, hopBytes: whole.length - body.length };
      });
      const log = new RunLog({ hasHash });
      const bytes = frameBytes({ runs: parts, hasHash });
      assert.equal(log.readAll(bytes), bytes.length);
      assert.equal(log.lines.length, list.length);
      assert.ok(log.bodies.every(({ isIntact }) => isIntact));
    }),
  );
});
