import { parseCommand } from "../../../packages/omnibus/src/adapters/json/command.ts";
import { toBusName, toJsonName } from "../../../packages/omnibus/src/adapters/json/json-names.ts";
import {
  checkPattern,
  coversPattern,
  matchesPattern,
  patternsIntersect,
  TopicTrie,
} from "../../../packages/omnibus/src/base/index.ts";
import { readUpgrade } from "../../../packages/omnibus/src/node/ws/handshake.ts";
import { judgeOrigin } from "../../../packages/omnibus/src/server/http/origin.ts";
import { decodeValue, formatCbor, formatJson } from "../../../packages/omnibus/src/wire/index.ts";
import { median } from "../../../packages/bench/src/stats/statistics.ts";
import type { Row } from "../row.ts";

const rounds = { 0: 9, 1: 31 } as const;
const maxRatio = 2.5;
/** Each timing is of so much work that noise does not decide. */
const leastMs = 5;

/** Something that grows with its input, made ready for one size. */
export interface Growing {
  readonly name: string;
  /** The size that is doubled. */
  readonly size: number;
  readonly prepare: (size: number) => () => unknown;
}

const checking = (name: string): (() => unknown) => {
  const whole = Buffer.from(name).toString("utf8");
  return () => {
    try {
      checkPattern(whole);
    } catch (error) {
      return error;
    }
    return undefined;
  };
};

/** The text is whole before anything is timed: a repeated one is put together when it is first read. */
const parsing = (text: string): (() => unknown) => {
  const whole = Buffer.from(text).toString("utf8");
  return () => parseCommand(whole);
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const key = "dGhlIHNhbXBsZSBub25jZQ==";
const upgrade = (headers: Record<string, string>) => (): unknown =>
  readUpgrade({
    method: "GET",
    httpVersion: "1.1",
    headers: {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
      ...headers,
    },
  });

/** Inputs that make a careless algorithm quadratic, or worse. */
const growing: readonly Growing[] = [
  {
    name: "a pattern of stars against a topic",
    size: 200,
    prepare: (n) => () => matchesPattern(`${"*/".repeat(n)}**`, `${"a/".repeat(n)}b`),
  },
  {
    name: "a pattern that fails at its end",
    size: 200,
    prepare: (n) => () => matchesPattern(`${"*/".repeat(n)}x`, `${"a/".repeat(n)}b`),
  },
  {
    name: "patterns that cover",
    size: 200,
    prepare: (n) => () => coversPattern(`${"*/".repeat(n)}**`, `${"*/".repeat(n)}*/a`),
  },
  {
    name: "patterns that intersect",
    size: 200,
    prepare: (n) => () => patternsIntersect(`${"*/".repeat(n)}a`, `${"a/*/".repeat(n / 2)}a`),
  },
  {
    name: "the check of a pattern",
    size: 200,
    prepare: (n) => checking(`${"a/".repeat(n)}**`),
  },
  {
    name: "the check of a name of blanks",
    size: 20_000,
    prepare: (n) => checking(`a${" ".repeat(n)}`),
  },
  {
    name: "a topic among so many patterns of stars",
    size: 1000,
    prepare: (n) => {
      const trie = new TopicTrie<number>();
      for (let at = 0; at < n; at++) trie.add(`*/${at}/**`, at);
      return () => trie.match("a/7/b/c");
    },
  },
  {
    name: "a topic among patterns that all begin alike, by their depth",
    size: 14,
    prepare: (n) => {
      const trie = new TopicTrie<number>();
      // The tree is as wide as there are patterns from the fifth segment on. Were it so from the seventh, one of
      // 28 would have 2.56 times the branches of one of 14, and the tree itself would be over the limit.
      for (let bits = 0; bits < 1 << 5; bits++) {
        const segments = Array.from({ length: n }, (_, at) => ((bits >> (at % 5)) & 1 ? "*" : "a"));
        trie.add(segments.join("/"), bits);
      }
      return () => trie.match(Array.from({ length: n }, () => "a").join("/"));
    },
  },
  {
    name: "the escape of control characters",
    size: 5000,
    prepare: (n) => () => toBusName("\u0001".repeat(n)),
  },
  {
    name: "the escape of blanks",
    size: 5000,
    prepare: (n) => () => toBusName(`a${" ".repeat(n)}b${" ".repeat(n)}`),
  },
  {
    name: "unescaping what looks escaped",
    size: 5000,
    prepare: (n) => () => toJsonName(`%01${"%20".repeat(n)}x`),
  },
  {
    name: "JSON of one long string",
    size: 50_000,
    prepare: (n) => parsing(`{"type":"publish","topic":"a","payload":"${"x".repeat(n)}"}`),
  },
  {
    name: "JSON of escapes",
    size: 50_000,
    prepare: (n) => parsing(`{"type":"publish","topic":"a","payload":"${"\\\\".repeat(n)}"}`),
  },
  { name: "JSON of brackets", size: 50_000, prepare: (n) => parsing("[".repeat(n)) },
  {
    name: "JSON of many payloads",
    size: 5000,
    prepare: (n) => parsing(`{${`"payload":1,`.repeat(n)}"type":"publish","topic":"a"}`),
  },
  {
    name: "JSON of many fields",
    size: 5000,
    prepare: (n) => parsing(`{${Array.from({ length: n }, (_, at) => `"f${at}":1`).join()}}`),
  },
  {
    name: "a JSON payload of brackets and strings",
    size: 10_000,
    prepare: (n) => {
      const bytes = utf8(`["${'\\"'.repeat(n)}"]`);
      return () => decodeValue(formatJson, bytes, 0, bytes.length);
    },
  },
  {
    name: "CBOR of so many items",
    size: 20_000,
    prepare: (n) => {
      const bytes = Uint8Array.from([0x9a, n >>> 24, n >>> 16, n >>> 8, n, ...new Uint8Array(n)]);
      return () => decodeValue(formatCbor, bytes, 0, bytes.length);
    },
  },
  {
    name: "a list of subprotocols",
    size: 500,
    prepare: (n) => {
      const list = Array.from({ length: n }, (_, at) => `p${at}`).join(", ");
      return upgrade({ "sec-websocket-protocol": list });
    },
  },
  {
    name: "subprotocols of commas and blanks",
    size: 10_000,
    prepare: (n) => upgrade({ "sec-websocket-protocol": `${" ,".repeat(n)}a` }),
  },
  {
    name: "a Connection of commas",
    size: 10_000,
    prepare: (n) => upgrade({ connection: `${",".repeat(n)}Upgrade` }),
  },
  {
    name: "a key that is too long",
    size: 10_000,
    prepare: (n) => upgrade({ "sec-websocket-key": "A".repeat(n) }),
  },
  {
    name: "a long origin",
    size: 10_000,
    prepare: (n) => () =>
      judgeOrigin(`http://${"a.".repeat(n)}x`, "127.0.0.1", ["https://a.example"]),
  },
];

/** Input that is twice as long takes at most so much more time. */
export const complexityRow: Row = {
  name: "complexity",
  what: "patterns, names, JSON, CBOR and headers that are twice as long take at most 2.5 times as long",
  tiers: { 0: "median of 9 pairs", 1: "median of 31 pairs" },
  isQuick: false,
  run: ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    for (const one of growing) {
      progress(one.name);
      const first = growthOf(one, rounds[tier]);
      // What else the machine did must not decide: too slow is measured once more, and longer.
      const ratio = first > maxRatio ? growthOf(one, 3 * rounds[tier]) : first;
      observed.push(`${one.name}: ${ratio.toFixed(2)}`);
      if (ratio > maxRatio) faults.push(`${one.name}: ${ratio.toFixed(2)} times as long`);
    }
    return Promise.resolve({ count: growing.length, unit: "inputs", observed, faults });
  },
};

/**
 * How much longer twice the size takes: the cube root of what eight times the size takes, so that a step
 * of a cache or of the collector between two sizes does not decide; median of pairs side by side.
 */
export function growthOf({ size, prepare }: Growing, pairs: number): number {
  const small = prepare(size);
  const large = prepare(size * 8);
  let times = 1;
  while (timeOf(small, times) < leastMs) times *= 2;
  timeOf(large, times);
  const ratios = Array.from({ length: pairs }, (_, pair) => {
    if (pair % 2 === 0) return timeOf(large, times) / timeOf(small, times);
    const first = timeOf(small, times);
    return timeOf(large, times) / first;
  });
  return Math.cbrt(median(ratios));
}

function timeOf(work: () => unknown, times: number): number {
  const began = performance.now();
  for (let left = times; left > 0; left--) work();
  return performance.now() - began;
}
