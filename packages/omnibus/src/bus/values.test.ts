import assert from "node:assert/strict";
import { test } from "node:test";
import { BusNetwork } from "../testing/index.ts";
import type { Bus } from "./open-bus.ts";

/** Every kind of value that may travel. */
const values: readonly [name: string, value: unknown][] = [
  ["null", null],
  ["undefined", undefined],
  ["true", true],
  ["an integer", 42],
  ["a negative integer", -7],
  ["minus zero", -0],
  ["a fraction", 1.5],
  ["a large number", 2 ** 60],
  ["infinity", Number.POSITIVE_INFINITY],
  ["not a number", Number.NaN],
  ["a bigint", 2n ** 70n],
  ["a small bigint", 5n],
  ["an empty text", ""],
  ["a text", "grüße, 世界 😀"],
  ["bytes", new Uint8Array([0, 1, 255])],
  ["a date", new Date(1_700_000_000_123)],
  ["an array", [1, "two", [3], undefined]],
  ["an object", { a: 1, b: { c: [true, null] }, "": 0, __proto__key: 1 }],
  [
    "a map",
    new Map<unknown, unknown>([
      ["k", 1],
      [2, { x: 1 }],
    ]),
  ],
  ["a set", new Set([1, "a", 1n])],
  [
    "a mixture",
    { when: new Date(0), raw: new Uint8Array(3), tags: new Set(["x"]), big: -1n, none: undefined },
  ],
];

/** Values that may not. */
const refused: readonly [name: string, value: unknown][] = [
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
  ["a class instance", new URL("http://x/")],
  ["an error", new Error("x")],
  ["a promise", Promise.resolve(1)],
  ["a function in an object", { deep: { f: () => 1 } }],
  ["an invalid date", new Date(Number.NaN)],
  ["65 levels", Array.from({ length: 65 }).reduce<unknown>((inner) => [inner], 1)],
];

/** The ways in which a value gets from a publisher to a subscriber. */
const ways: readonly [
  name: string,
  open: () => Promise<{ net: BusNetwork; from: Bus; to: Bus }>,
][] = [
  ["in process", async () => inOne(await BusNetwork.open({ strict: false }))],
  ["in process, strict", async () => inOne(await BusNetwork.open({ strict: true }))],
  [
    "from a program to the server",
    async () => {
      const net = await BusNetwork.open();
      return { net, from: (await net.client()).bus, to: net.server };
    },
  ],
  [
    "from the server to a program",
    async () => {
      const net = await BusNetwork.open();
      return { net, from: net.server, to: (await net.client()).bus };
    },
  ],
  [
    "from program to program",
    async () => {
      const net = await BusNetwork.open();
      return {
        net,
        from: (await net.client({ isStream: true })).bus,
        to: (await net.client()).bus,
      };
    },
  ],
];

function inOne(net: BusNetwork): { net: BusNetwork; from: Bus; to: Bus } {
  return { net, from: net.server, to: net.server };
}

for (const [way, open] of ways) {
  test(`values arrive equal ${way}, by handler, by iteration and by batches`, async () => {
    const { net, from, to } = await open();
    await using _ = net;
    const byHandler: unknown[] = [];
    to.subscribe("v", (message) => byHandler.push(message.value));
    const iterator = to.subscribe("v")[Symbol.asyncIterator]();
    const batches = to.subscribe("v").batches();
    await net.settled();
    for (const [name, value] of values) {
      byHandler.length = 0;
      from.publish("v", value);
      await net.settled();
      const message = (await iterator.next()).value as { value: unknown };
      const batch = (await batches.next()).value as { value: unknown }[];
      assert.deepEqual(byHandler, [value], name);
      assert.deepEqual(message.value, value, name);
      assert.deepEqual(
        batch.map((one) => one.value),
        [value],
        name,
      );
    }
  });

  test(`values that cannot travel are refused at publish ${way}, if they are looked at`, async () => {
    const { net, from, to } = await open();
    await using _ = net;
    to.subscribe("v", () => undefined);
    await net.settled();
    const isLookedAt = way !== "in process";
    for (const [name, value] of refused) {
      if (isLookedAt) assert.throws(() => from.publish("v", value), { code: "bad-value" }, name);
      else assert.equal(from.publish("v", value), true, name);
    }
  });
}

test("an id of more than 256 bytes was taken, which JSON clients could not have sent", async () => {
  await using net = await BusNetwork.open();
  const { bus } = await net.client();
  const ids: (string | undefined)[] = [];
  bus.subscribe("t", ({ id }) => ids.push(id));
  const longest = ["x".repeat(256), "\u00e9".repeat(128)];
  for (const id of longest) bus.publish("t", 1, { id });
  for (const id of ["x".repeat(257), "\u00e9".repeat(129)]) {
    const error = { code: "too-big", message: /an id of 25[78] bytes; at most 256 are allowed/u };
    assert.throws(() => bus.publish("t", 1, { id }), error);
  }
  const view = await net.server.enter({ kind: "anonymous", protocol: "test" });
  const raw = { format: "json", text: "1" } as const;
  assert.throws(() => view.publishRaw("t", raw, { id: "x".repeat(257) }), { code: "too-big" });
  assert.deepEqual(ids, longest);
});
