import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import {
  bodyBytes,
  controlRun,
  frameBytes,
  fromHex,
  joinBytes,
  messageFrame,
  rawPair,
  type RawPair,
  RunLog,
  sessionPair,
  toHex,
  utf8,
} from "../testing/index.ts";
import { type Address, AddressList, type MessageHeader, runType } from "../wire/index.ts";
import { encodeAuth, encodeHello, encodeWelcome, type Hello } from "./handshake.ts";

const hello: Hello = {
  versions: [0, 0],
  nodeId: new Uint8Array(32).fill(2),
  name: "raw",
  incarnation: 1,
  maxFrameBytes: 1 << 20,
  isIntegrityProtected: false,
  capabilities: 0,
};
const helloRun = controlRun(runType.hello, encodeHello(hello));
const authRun = controlRun(runType.auth, encodeAuth({ kind: "anonymous" }));
const readyRun = controlRun(runType.ready, encodeWelcome({ principal: "p", role: "leaf" }));
const bye = (pair: RawPair): string => {
  const line = pair.lines.find((one) => one.startsWith("bye")) ?? "";
  return new TextDecoder().decode(fromHex(line.slice("bye/0 ".length))).replace(/^[^[]*/u, "");
};

for (const isMessageBased of [true, false]) {
  for (const isIntegrityProtected of [true, false]) {
    const how = `${isMessageBased ? "messages" : "a stream"}, ${isIntegrityProtected ? "without" : "with"} hash`;
    test(`two sides shake hands and talk both ways (${how}) [WIRE-8.1]`, () => {
      const { clock, a, b, toA, toB } = sessionPair({
        isMessageBased,
        isIntegrityProtected,
        split: "random",
      });
      assert.deepEqual([toA.state, toB.state], ["open", "open"]);
      assert.deepEqual([a.events, b.events], [["opened somebody leaf"], ["opened somebody leaf"]]);
      assert.equal(toB.peer?.name, "node");
      a.publish("a/b", Uint8Array.of(1));
      a.publish("a/b", Uint8Array.of(2));
      b.publish("c", Uint8Array.of(3));
      clock.settle();
      assert.deepEqual([a.seen, b.seen], [["c:3"], ["a/b:1", "a/b:2"]]);
      toB.end();
      clock.settle();
      assert.deepEqual([toA.state, toB.state], ["closed", "closed"]);
      assert.equal(a.events.at(-1), "closed");
      assert.match(b.events.at(-1) ?? "", /^closed \[going-away\]/);
    });
  }
}

test("the dialling side speaks first, and shows credentials only after the other's hello", () => {
  const pair = rawPair({ dials: true });
  assert.deepEqual(
    pair.lines.map((line) => line.split("/")[0]),
    ["hello"],
  );
  pair.send(helloRun);
  assert.deepEqual(
    pair.lines.map((line) => line.split("/")[0]),
    ["hello", "auth"],
  );
  assert.equal(pair.session.state, "auth");
  pair.send(readyRun);
  assert.equal(pair.session.state, "open");
  const quiet = rawPair();
  assert.deepEqual(quiet.lines, []);
});

test("credentials reach the authority, and a refusal tells why", () => {
  const { a, b } = sessionPair({
    dialer: { credentials: { kind: "password", user: "ada", password: "pw" } },
  });
  assert.equal(a.events[0], "opened somebody leaf");
  assert.ok(b);
  const pair = rawPair();
  pair.node.authenticateWith = (session, credentials): void => {
    assert.deepEqual(credentials, { kind: "token", token: "wrong" });
    session.end(new OmnibusError("not-authenticated", "no such token"));
  };
  pair.send(helloRun, controlRun(runType.auth, encodeAuth({ kind: "token", token: "wrong" })));
  assert.equal(bye(pair), "[not-authenticated] no such token");
  assert.deepEqual(pair.node.events, ["closed [not-authenticated] no such token"]);
  assert.ok(pair.receiver.isClosed);
});

test("a second attempt at credentials on one connection was tried too", () => {
  const pair = rawPair();
  let attempts = 0;
  pair.node.authenticateWith = () => void attempts++;
  pair.send(helloRun, authRun, authRun, authRun);
  assert.equal(attempts, 1);
  assert.match(bye(pair), /^\[not-authenticated\]/);
});

test("an authority that answers after the end does no harm", () => {
  const pair = rawPair();
  pair.node.authenticateWith = () => undefined;
  pair.send(helloRun, authRun);
  pair.farLink.destroy();
  pair.clock.settle();
  pair.session.admit({ principal: "late", role: "leaf" });
  pair.clock.settle();
  assert.equal(pair.session.state, "closed");
  assert.deepEqual(pair.node.events, ["closed"]);
});

test("versions without one in common end it with `bad-version`", () => {
  const pair = rawPair();
  pair.send(controlRun(runType.hello, encodeHello({ ...hello, versions: [1, 2] })));
  assert.match(bye(pair), /^\[bad-version\] the other side speaks versions 1 to 2/);
});

test("the handshake has 10,000 ms, to the millisecond, and may be given another time [WIRE-8.2]", () => {
  for (const [given, timeoutMs] of [
    [undefined, 10_000],
    [250, 250],
  ] as const) {
    const session = given === undefined ? {} : { handshakeTimeoutMs: given };
    const pair = rawPair({ session });
    pair.send(helloRun);
    pair.clock.advance(timeoutMs - 1);
    pair.session.tick(pair.clock.nowMs(), 8000);
    assert.equal(pair.session.state, "auth");
    pair.clock.advance(1);
    pair.session.tick(pair.clock.nowMs(), 8000);
    pair.clock.settle();
    assert.match(bye(pair), /^\[timeout\]/);
    assert.match(pair.node.events[0] ?? "", /^closed \[timeout\]/);
  }
});

const early: [what: string, bytes: Uint8Array][] = [
  ["a message", messageFrame([{ header: { destination: 1 }, body: bodyBytes({ records: [] }) }])],
];
for (const [what, bytes] of early) {
  test(`${what} before the handshake is done ends it`, () => {
    for (const isAfterHello of [false, true]) {
      const pair = rawPair();
      if (isAfterHello) pair.send(helloRun);
      pair.sendBytes(bytes);
      assert.match(bye(pair), /^\[not-authenticated\] a message came before/);
    }
  });
}

const outOfPlace: [what: string, dials: boolean, runs: Uint8Array[]][] = [
  ["credentials before hello", false, [authRun]],
  ["a second hello", false, [helloRun, helloRun]],
  [
    "an interest before the handshake is done",
    false,
    [controlRun(runType.interest, fromHex("84f56161030a"))],
  ],
  [
    "an alias before the handshake is done",
    false,
    [helloRun, controlRun(runType.alias, fromHex("050061"))],
  ],
  ["`ready` to the side that accepts", false, [helloRun, readyRun]],
  ["credentials to the side that dialled", true, [helloRun, authRun]],
  ["`ready` before hello", true, [readyRun]],
];
for (const [what, dials, runs] of outOfPlace) {
  test(`${what} ends it with \`not-authenticated\``, () => {
    const pair = rawPair({ dials });
    pair.send(...runs);
    assert.match(bye(pair), /^\[not-authenticated\]/);
    assert.ok(pair.receiver.isClosed);
  });
}

function opened(options: Parameters<typeof rawPair>[0] = {}): RawPair {
  const pair = rawPair(options);
  pair.send(helloRun, authRun);
  assert.equal(pair.session.state, "open");
  return pair;
}

const topicAlias = (number: number, name: string): Uint8Array =>
  controlRun(
    runType.alias,
    Uint8Array.of(
      ...(number < 128 ? [number] : [(number & 127) | 128, number >> 7]),
      0,
      ...utf8(name),
    ),
  );
const one = bodyBytes({ records: [{ payload: Uint8Array.of(9) }] });

const faults: [what: string, code: string, runs: Uint8Array[]][] = [
  ["a hello", "bad-run", [helloRun]],
  ["a run of an unknown type", "bad-run", [controlRun(15, new Uint8Array(0))]],
  ["unknown flags", "bad-run", [controlRun(runType.ping | 0x10, new Uint8Array(0))]],
  ["a ping of 65 bytes", "bad-run", [controlRun(runType.ping, new Uint8Array(65))]],
  [
    // [WIRE-10.2]
    "a grant of credit, which belongs to a later version,",
    "bad-run",
    [controlRun(runType.credit, joinBytes(fromHex("020105"), utf8("a")))],
  ],
  [
    "the end of a stream, of a later version, too",
    "bad-run",
    [controlRun(runType.credit, fromHex("0301"))],
  ],
  ["a gap for an unknown number", "unknown-alias", [controlRun(runType.gap, fromHex("0503"))]],
  ["a topic that cannot be published to", "bad-topic", [topicAlias(5, "a//b")]],
];
for (const [what, code, runs] of faults) {
  test(`${what} in a conversation ends it with \`${code}\``, () => {
    const pair = opened();
    pair.send(...runs);
    assert.ok(bye(pair).startsWith(`[${code}]`), bye(pair));
    assert.match(pair.node.events.at(-1) ?? "", new RegExp(`^closed \\[${code}\\]`));
  });
}

test("runs of unknown types, or with unknown flags, are skipped if they say that they may be [WIRE-3.2]", () => {
  const pair = opened();
  pair.send(
    controlRun(15 | 0x80, fromHex("0102")),
    controlRun(runType.ack | 0x90, fromHex("01")),
    controlRun(runType.ping, fromHex("07")),
  );
  assert.equal(pair.lines.at(-1), "pong/0 07");
  assert.equal(pair.session.state, "open");
});

test("an unknown number, of the destination, the source or in a list, ends it with `unknown-alias` [WIRE-4.4]", () => {
  const list = new AddressList();
  list.add({ number: 7 } as Address);
  const headers: readonly Partial<MessageHeader>[] = [
    { destination: 5 },
    { destination: 0 },
    { destination: 2 ** 40 },
    { destination: 1, source: 6 },
    { destination: 0, list },
  ];
  for (const header of headers) {
    const pair = opened();
    pair.send(topicAlias(1, "a"));
    pair.sendBytes(messageFrame([{ header, body: one }]));
    assert.match(bye(pair), /^\[unknown-alias\] number \d+ was never given/);
    assert.deepEqual(pair.node.seen, []);
  }
});

test("a number may be given to another address; what came before keeps the one before", () => {
  const pair = opened();
  for (const name of ["a", "b"]) {
    pair.send(topicAlias(5, name));
    pair.sendBytes(messageFrame([{ header: { destination: 5 }, body: one }]));
  }
  assert.deepEqual(pair.node.seen, ["a:9", "b:9"]);
});

test("the numbers 1 and 65,535 are good, in any order", () => {
  const pair = opened();
  pair.send(
    controlRun(runType.alias, fromHex("ffff03 00 61")),
    topicAlias(1, "b"),
    topicAlias(3000, "c"),
  );
  for (const destination of [65_535, 1, 3000])
    pair.sendBytes(messageFrame([{ header: { destination }, body: one }]));
  assert.deepEqual(pair.node.seen, ["a:9", "b:9", "c:9"]);
});

test("a damaged frame tells nothing of itself to the node, and ends the session", () => {
  const pair = opened();
  pair.send(topicAlias(5, "a"));
  const frame = messageFrame([{ header: { destination: 5 }, body: one }]);
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
  pair.sendBytes(frame);
  assert.match(bye(pair), /^\[bad-frame\]/);
  assert.deepEqual(pair.node.seen, []);
});

test("half a frame in one message of the transport is refused", () => {
  const pair = rawPair({ isMessageBased: true });
  pair.sendBytes(fromHex("00 7f 01"));
  assert.match(bye(pair), /^\[bad-frame\] a message of the transport/);
});

test("a goodbye ends both sides; its code is what the owner hears", () => {
  const pair = opened();
  pair.send(controlRun(runType.bye, fromHex(`82 0c 6178`)));
  assert.deepEqual(pair.node.events.slice(1), ["closed [going-away] x"]);
  assert.ok(pair.receiver.isClosed);
  assert.equal(pair.clock.pendingTimers, 0);
});

test("runs behind a goodbye are not handed on", () => {
  const pair = opened();
  pair.send(
    controlRun(runType.bye, fromHex(`82 0c 6178`)),
    topicAlias(5, "a"),
    controlRun(runType.interest, fromHex("84f56161030a")),
  );
  assert.deepEqual(pair.node.events.slice(1), ["closed [going-away] x"]);
});

test("pings are answered with what they hold; an owner's ping ends with the session too", () => {
  const pair = opened();
  pair.send(controlRun(runType.ping, fromHex("0102")));
  assert.equal(pair.lines.at(-1), "pong/0 0102");
  const done: string[] = [];
  pair.session.ping(() => done.push("first"));
  pair.clock.settle();
  assert.equal(done.length, 0);
  pair.send(controlRun(runType.pong, new Uint8Array(0)));
  assert.equal(done.join(), "first");
  pair.session.ping(() => done.push("second"));
  pair.farLink.destroy();
  pair.clock.settle();
  pair.session.ping(() => done.push("third"));
  assert.deepEqual(done, ["first", "second", "third"]);
});

test("a ping is sent after 8 s of silence, and after 20 s the neighbour is dead [WIRE-11.1]", () => {
  const pair = opened();
  const at = (ms: number): void => {
    pair.clock.advance(ms - pair.clock.nowMs());
    pair.session.tick(pair.clock.nowMs(), 8000);
    pair.clock.settle();
  };
  const count = pair.lines.length;
  at(7999);
  assert.equal(pair.lines.length, count);
  at(8000);
  assert.equal(pair.lines.at(-1), "ping/0 ");
  pair.send(controlRun(runType.pong, new Uint8Array(0)));
  at(15_999);
  assert.equal(pair.lines.length, count + 1);
  at(28_000);
  assert.equal(pair.session.state, "open");
  at(28_001);
  assert.equal(pair.session.state, "closed");
  assert.equal(pair.node.events.at(-1), "closed [timeout] nothing was heard for 20000 ms");
});

test("a session that ended while its neighbour did not read never ended for its owner", () => {
  for (const reads of [true, false]) {
    const { clock, a, b, linkB, toB } = sessionPair({ bufferBytes: 10 });
    linkB.pause();
    a.publish("a", new Uint8Array(100).fill(1));
    clock.settle();
    toB.end(new OmnibusError("overloaded", "enough"));
    clock.settle();
    assert.equal(toB.state, "closing");
    if (reads) {
      linkB.resume();
      clock.settle();
      assert.equal(b.events.at(-1), "closed [overloaded] enough");
      assert.deepEqual(b.seen, ["a:1"]);
    } else {
      clock.advance(1999);
      assert.equal(toB.state, "closing");
      clock.advance(1);
    }
    assert.equal(toB.state, "closed");
    assert.equal(a.events.at(-1), "closed [overloaded] enough");
    assert.equal(clock.pendingTimers, 0);
  }
});

test("a `ready` that had to wait was sent without the hash that its reader expects", () => {
  const pair = rawPair({ isIntegrityProtected: true });
  let admit: () => void = () => undefined;
  pair.node.authenticateWith = (session): void => {
    admit = () => session.admit({ principal: "p", role: "leaf" });
  };
  pair.send(
    controlRun(runType.hello, encodeHello({ ...hello, isIntegrityProtected: true })),
    authRun,
  );
  // The link is busy with something else while the authority decides.
  const { queue } = pair.session.sender;
  queue.isBlocked = true;
  admit();
  pair.node.publish("a", Uint8Array.of(1));
  pair.clock.settle();
  assert.equal(pair.lines.length, 1);
  const pieces: Uint8Array[] = [];
  pair.receiver.use = (bytes): number => {
    pieces.push(bytes);
    return bytes.length;
  };
  pair.session.written();
  pair.clock.settle();
  const ready = frameBytes({ runs: [{ bytes: readyRun }] });
  const [bytes = new Uint8Array(0)] = pieces;
  assert.equal(toHex(bytes.subarray(0, ready.length)), toHex(ready));
  const log = new RunLog({ hasHash: false });
  log.readAll(bytes.slice(ready.length));
  assert.deepEqual(
    log.lines.map((line) => line.slice(0, 7)),
    ["alias/0", "message"],
  );
});

test("a neighbour that asks and never reads made the queue grow for ever [WIRE-10.4]", () => {
  const pair = opened({ bufferBytes: 100 });
  pair.farLink.pause();
  const pings = Array.from({ length: 1000 }, () => controlRun(runType.ping, new Uint8Array(60)));
  for (let round = 0; round < 100 && pair.session.state === "open"; round++) pair.send(...pings);
  assert.equal(pair.session.state, "closed");
  assert.match(pair.node.events.at(-1) ?? "", /^closed \[overloaded\]/);
  assert.equal(pair.session.sender.queue.chargedBytes, 0);
});
