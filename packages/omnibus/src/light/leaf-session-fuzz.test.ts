import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import { createMemoryLinks } from "../link/index.ts";
import { encodeHello, encodeInterest } from "../session/index.ts";
import {
  controlRun,
  FakeClock,
  frameBytes,
  joinBytes,
  messageRun,
  SeededRandom,
  utf8,
  varints,
} from "../testing/index.ts";
import { ByteWriter, encodeCbor, runType } from "../wire/index.ts";
import { openBus } from "./open-light-bus.ts";

function cbor(value: unknown): Uint8Array {
  const writer = new ByteWriter(65_536);
  encodeCbor(value, writer);
  return writer.view().slice();
}

const hello = encodeHello({
  versions: [0, 0],
  nodeId: new Uint8Array(32),
  name: "",
  incarnation: 1,
  maxFrameBytes: 1 << 20,
  isIntegrityProtected: false,
  capabilities: 0,
});
const greeting = [
  controlRun(runType.hello, hello),
  controlRun(runType.ready, cbor(["user:ada", "leaf"])),
];
const contents: readonly Uint8Array[] = [
  new Uint8Array(0),
  joinBytes(varints(5), Uint8Array.of(0), utf8("a/b")),
  encodeInterest({ isAdded: true, pattern: "a/**", realm: "global", replay: 1 }),
  joinBytes(Uint8Array.of(0), utf8("a/b")),
  joinBytes(Uint8Array.of(1), utf8("a/b")),
  varints(5, 7),
  cbor(["subscribe", "a/**", 15, "no"]),
  cbor([12, "the server ends"]),
];

function randomRun(random: SeededRandom): { bytes: Uint8Array; hopBytes?: number } {
  const content = random.pick(contents).slice();
  if (content.length > 0 && random.integer(3) === 0)
    content[random.integer(content.length)] = random.integer(256);
  const type = random.integer(16);
  if (type !== 0)
    return { bytes: controlRun(type | (random.integer(8) === 0 ? 0x80 : 0), content) };
  const body = random.bytes(random.integer(30));
  const bytes = messageRun({ destination: random.integer(7), more: random.integer(4) }, body);
  return { bytes, hopBytes: bytes.length - body.length };
}

/** How the first session of a light bus ended that was sent such bytes. */
async function endAfter(frames: readonly Uint8Array[], isGreeted: boolean): Promise<string> {
  const clock = new FakeClock();
  const ends: string[] = [];
  const [near, far] = createMemoryLinks({
    clock,
    realm: "global",
    isMessageBased: true,
    isIntegrityProtected: false,
  });
  let dials = 0;
  const opening = openBus({
    connect: "test://server",
    dialers: [
      {
        schemes: ["test:"],
        dial: () =>
          dials++ === 0
            ? Promise.resolve(near)
            : Promise.reject(new OmnibusError("connect-failed", "down")),
      },
    ],
    clock,
    random: new SeededRandom(1),
    report: () => undefined,
  });
  far.open({
    received: (_slab, _start, end) => end,
    wantedBytes: 0,
    written: () => undefined,
    closed: () => undefined,
  });
  opening.then(
    (bus) => {
      bus.on("disconnected", ({ error }) => ends.push(String(error)));
      bus.on("error", (error) => ends.push(`later: ${String(error)}`));
      bus.subscribe("**", () => undefined);
    },
    (error: unknown) => ends.push(String(error)),
  );
  await clock.settled(5);
  if (isGreeted) far.write([frameBytes({ runs: greeting.map((bytes) => ({ bytes })) })]);
  await clock.settled(5);
  for (const frame of frames) {
    if (ends.some((end) => !end.startsWith("later"))) break;
    far.write([frame]);
    await clock.settled(5);
  }
  far.destroy();
  clock.advance(3000);
  await clock.settled(5);
  const bus = await opening.catch(() => undefined);
  await bus?.close({ flushMs: 0 });
  return ends.join();
}

test("hostile runs and random bytes end the session with a code of the protocol, or do nothing", async () => {
  const codes = new Set<string>();
  for (let seed = 1; seed <= 600; seed++) {
    const random = new SeededRandom(seed);
    const frames = Array.from({ length: 6 }, () => {
      if (random.integer(8) === 0) return random.bytes(1 + random.integer(400));
      const runs = Array.from({ length: 1 + random.integer(4) }, () => randomRun(random));
      return frameBytes({ runs });
    });
    const end = await endAfter(frames, random.integer(4) > 0);
    assert.doesNotMatch(end, /internal/u, `seed ${seed}: ${end}`);
    for (const [, code = ""] of end.matchAll(/\[([a-z-]+)\]/gu)) codes.add(code);
  }
  for (const code of ["bad-run", "unknown-alias", "not-authenticated", "bad-version"])
    assert.ok(codes.has(code), `${code} is among ${[...codes].join()}`);
});
