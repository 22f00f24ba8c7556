import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bodyBytes,
  controlRun,
  toHex,
  utf8,
  varints,
} from "../../packages/omnibus/src/testing/index.ts";
import { runType } from "../../packages/omnibus/src/wire/index.ts";
import {
  concat,
  frame,
  message,
  Numbers,
  onlyRecord,
  readFrame,
  type Run,
} from "./frame-by-hand.ts";

// A client (a leaf of E) asks the group `workers` of topic `jobs`. E chooses a member at W, a leaf of F:
//   client -> E (entry node) -> F -> W, and back W -> F (entry node of the reply) -> E -> client.
const client = `${"c1".repeat(32)}`;
const worker = `${"77".repeat(32)}.5`;
const entry = `${"e0".repeat(32)}.9`;
const second = `${"f0".repeat(32)}.3`;
const kind = { topic: 0, endpoint: 1, node: 2, member: 3 } as const;

const alias = (number: number, of: number, name: string): Run => ({
  bytes: controlRun(runType.alias, concat(varints(number), Uint8Array.of(of), utf8(name))),
});
const globalHops = (hops: number): number => (3 << 5) | hops;

test("a request to a group, over two hops to the chosen member, and its reply to the source node", () => {
  const request = bodyBytes({
    timeMs: 1_735_689_600_000,
    records: [{ format: 1, payload: utf8("add 1 2"), correlation: 4711, deadlineMs: 5000 }],
  });

  // The leaf says neither entry nor source: E fills them in.
  const toE = new Numbers();
  const first = frame(
    1,
    [alias(1, kind.topic, "jobs"), message({ destination: 1, scope: globalHops(16) }, request)],

    "002b01020601006a6f62730001007019020180f8a5f9c13231e724882707616464203120328a6d44" +
      "a0e9a858ba",
  );
  const [asked] = toE.learn(readFrame(first).runs);
  assert.ok(asked);
  assert.equal(toE.name(asked.header.destination), "0:jobs");
  assert.equal(asked.header.source, 0);

  // E chooses: the destination stays the topic, `chosen` is the member, `entry` E itself, its first run.
  const toF = new Numbers();
  const onward = frame(
    1,
    [
      alias(11, kind.topic, "jobs"),
      alias(12, kind.node, client),
      alias(13, kind.node, entry),
      alias(14, kind.member, `${worker}/workers`),
      message(
        {
          destination: 11,
          source: 12,
          entry: 13,
          entrySequence: 1,
          chosen: 14,
          scope: asked.header.scope - 1,
        },
        asked.content,
      ),
    ],

    "0086020102060b006a6f627302420c02633163316331633163316331633163316331633163316331" +
      "63316331633163316331633163316331633163316331633163316331633163316331633163316331" +
      "02440d02653065306530653065306530653065306530653065306530653065306530653065306530" +
      "653065306530653065306530653065306530653065306530653065302e39024c0e03373737373737" +
      "37373737373737373737373737373737373737373737373737373737373737373737373737373737" +
      "3737373737373737373737373737373737372e352f776f726b657273300b0c6f0d010e19020180f8" +
      "a5f9c13231e724882707616464203120328a6d44a00c356aa5",
  );
  const [passing] = toF.learn(readFrame(onward).runs);
  assert.ok(passing);
  const { header } = passing;
  assert.deepEqual(
    [header.destination, header.source, header.entry, header.chosen].map((number) =>
      toF.name(number),
    ),
    ["0:jobs", `2:${client}`, `2:${entry}`, `3:${worker}/workers`],
  );
  assert.equal(header.entrySequence, 1);

  // F only follows the member's node. A second copy of (E, 9, 1) would be dropped here.
  const seen = new Set<string>();
  const isNew = (name: string, sequence: number): boolean =>
    seen.size < seen.add(`${name} ${sequence}`).size;
  assert.ok(isNew(toF.name(header.entry), header.entrySequence));
  assert.ok(!isNew(toF.name(header.entry), header.entrySequence));
  const toW = new Numbers();
  const last = frame(
    1,
    [
      alias(1, kind.topic, "jobs"),
      alias(2, kind.node, client),
      alias(3, kind.node, entry),
      alias(4, kind.member, `${worker}/workers`),
      message(
        {
          destination: 1,
          source: 2,
          entry: 3,
          entrySequence: 1,
          chosen: 4,
          scope: header.scope - 1,
        },
        passing.content,
      ),
    ],

    "00860201020601006a6f627302420202633163316331633163316331633163316331633163316331" +
      "63316331633163316331633163316331633163316331633163316331633163316331633163316331" +
      "02440302653065306530653065306530653065306530653065306530653065306530653065306530" +
      "653065306530653065306530653065306530653065306530653065302e39024c0403373737373737" +
      "37373737373737373737373737373737373737373737373737373737373737373737373737373737" +
      "3737373737373737373737373737373737372e352f776f726b6572733001026e03010419020180f8" +
      "a5f9c13231e724882707616464203120328a6d44a09b20b9f2",
  );
  const [arrived] = toW.learn(readFrame(last).runs);
  assert.ok(arrived);
  assert.equal(toHex(arrived.content), toHex(request), "the body is untouched");
  assert.equal(arrived.header.scope & 0x1f, 14);
  const { correlation, payload, reader } = onlyRecord(arrived.content);
  assert.equal(new TextDecoder().decode(payload), "add 1 2");
  assert.equal(reader.recordTimeMs + reader.deadlineMs, 1_735_689_605_000);
  // W has plain subscribers and other groups of `jobs` too: `chosen` says whose this is.
  assert.equal(toW.name(arrived.header.chosen).split("/").at(-1), "workers");

  // The reply goes to the request's source, with its correlation. W's number 2 for F is its own matter.
  const reply = bodyBytes({
    timeMs: 1_735_689_600_010,
    records: [{ format: 3, payload: Uint8Array.of(3), correlation }],
  });
  const back = frame(
    1,
    [
      alias(1, kind.node, toW.name(arrived.header.source).slice(2)),
      message({ destination: 1, scope: globalHops(16) }, reply),
    ],

    "005f0102420102633163316331633163316331633163316331633163316331633163316331633163" +
      "31633163316331633163316331633163316331633163316331633163316331000100701102018af8" +
      "a5f9c13213e72401039ffe29dca9e91b42",
  );
  const fromW = new Numbers();
  const [answered] = fromW.learn(readFrame(back).runs);
  assert.ok(answered);
  assert.equal(fromW.name(answered.header.destination), `2:${client}`);
  const home = frame(
    8,
    [
      alias(21, kind.node, client),
      alias(22, kind.node, worker),
      alias(23, kind.node, second),
      message(
        {
          destination: 21,
          source: 22,
          entry: 23,
          entrySequence: 40,
          scope: answered.header.scope - 1,
        },
        answered.content,
      ),
    ],

    "00ed0108024215026331633163316331633163316331633163316331633163316331633163316331" +
      "63316331633163316331633163316331633163316331633163316331633163310244160237373737" +
      "37373737373737373737373737373737373737373737373737373737373737373737373737373737" +
      "37373737373737373737373737373737373737372e35024417026630663066306630663066306630" +
      "66306630663066306630663066306630663066306630663066306630663066306630663066306630" +
      "663066306630663066302e331015166f17281102018af8a5f9c13213e72401039ffe29dc5280a43d",
  );
  const fromF = new Numbers();
  const [delivered] = fromF.learn(readFrame(home).runs);
  assert.ok(delivered);
  assert.equal(fromF.name(delivered.header.source), `2:${worker}`);
  assert.equal(onlyRecord(delivered.content).correlation, 4711);
});

test("a member that is gone sends the run back once; the entry node answers with an error", () => {
  const request = bodyBytes({ records: [{ payload: utf8("x"), correlation: 7 }] });
  const returned = message(
    {
      destination: 1,
      source: 2,
      entry: 3,
      entrySequence: 1,
      chosen: 4,
      more: 0x02,
      scope: globalHops(14),
    },
    request,
  );
  const [came] = readFrame(
    frame(9, [returned], "001809b001026e030104020a0001100701784601319ef8173203"),
  ).runs;
  assert.equal(came?.header.more, 0x02);
  assert.equal(toHex(came?.content ?? new Uint8Array(0)), toHex(request));
  // CBOR [18, "..."]: `receiver-gone` of section 13.
  const failure = bodyBytes({
    records: [
      { format: 3, payload: concat(Uint8Array.of(0x82, 18, 0x64), utf8("gone")), correlation: 7 },
    ],
  });
  const answer = message({ destination: 5, more: 0x10, scope: globalHops(16) }, failure);
  const [told] = readFrame(
    frame(10, [answer], "001b0a8005007010100001130707821264676f6e650b5e9f06ddf584ba"),
  ).runs;
  assert.equal(told?.header.more, 0x10);
});
