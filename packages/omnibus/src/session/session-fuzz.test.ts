import assert from "node:assert/strict";
import { test } from "node:test";
import {
  controlRun,
  frameBytes,
  joinBytes,
  messageRun,
  rawPair,
  SeededRandom,
  utf8,
  varints,
} from "../testing/index.ts";
import { runType } from "../wire/index.ts";
import { encodeAuth, encodeHello, encodeInterest } from "./handshake.ts";

const greeting = [
  controlRun(
    runType.hello,
    encodeHello({
      versions: [0, 0],
      nodeId: new Uint8Array(32),
      name: "",
      incarnation: 1,
      maxFrameBytes: 1 << 20,
      isIntegrityProtected: false,
      capabilities: 0,
    }),
  ),
  controlRun(runType.auth, encodeAuth({ kind: "anonymous" })),
];

const contents: readonly Uint8Array[] = [
  new Uint8Array(0),
  joinBytes(varints(5), Uint8Array.of(0), utf8("a/b")),
  encodeInterest({ isAdded: true, pattern: "a/**", realm: "global", replay: 1 }),
  joinBytes(Uint8Array.of(0), utf8("a/b")),
  joinBytes(Uint8Array.of(1), utf8("a/b")),
  varints(5, 7),
];

/** A run that is mostly right. */
function randomRun(random: SeededRandom): { bytes: Uint8Array; hopBytes?: number } {
  const content = random.pick(contents).slice();
  if (content.length > 0 && random.integer(3) === 0)
    content[random.integer(content.length)] = random.integer(256);
  const type = random.integer(16);
  if (type !== 0)
    return { bytes: controlRun(type | (random.integer(8) === 0 ? 0x80 : 0), content) };
  const body = random.bytes(random.integer(30));
  const bytes = messageRun(
    { destination: random.integer(7), more: random.integer(4), entry: random.integer(3) },
    body,
  );
  return { bytes, hopBytes: bytes.length - body.length };
}

test("hostile runs in good frames end a session with a code of the protocol, or do nothing", () => {
  const codes = new Set<string>();
  for (let seed = 1; seed <= 1500; seed++) {
    const random = new SeededRandom(seed);
    const pair = rawPair();
    if (random.integer(4) > 0) pair.send(...greeting);
    for (let n = 0; n < 8 && pair.session.state !== "closed"; n++) {
      const runs = Array.from({ length: 1 + random.integer(4) }, () => randomRun(random));
      pair.sendBytes(frameBytes({ runs }));
    }
    pair.clock.advance(3000);
    const end = pair.node.events.find((event) => event.startsWith("closed"));
    const code = /\[([a-z-]+)\]/u.exec(end ?? "")?.[1];
    if (code !== undefined) codes.add(code);
    assert.notEqual(code, "internal", `seed ${seed}: ${end}`);
    assert.deepEqual(
      pair.node.seen.filter((one) => !one.startsWith("gap")),
      [],
      `seed ${seed}`,
    );
  }
  for (const code of ["bad-run", "unknown-alias", "not-authenticated", "bad-topic"]) {
    assert.ok(codes.has(code), `${code} is among ${[...codes].join()}`);
  }
});

test("random bytes, from the first one or after the handshake, end it with a code", () => {
  for (let seed = 1; seed <= 1500; seed++) {
    const random = new SeededRandom(seed);
    const pair = rawPair({ isMessageBased: random.integer(2) === 0 });
    if (random.integer(2) === 0) pair.send(...greeting);
    const bytes = random.bytes(1 + random.integer(400));
    if (random.integer(2) === 0) bytes[0] = 0;
    pair.sendBytes(bytes);
    pair.farLink.destroy();
    pair.clock.advance(3000);
    assert.equal(pair.session.state, "closed", `seed ${seed}`);
    assert.doesNotMatch(pair.node.events.join(), /internal/u, `seed ${seed}`);
  }
});
