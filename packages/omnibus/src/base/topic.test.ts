import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "./errors.ts";
import {
  checkPattern,
  checkTopic,
  coversPattern,
  isPattern,
  matchesPattern,
  patternsIntersect,
} from "./topic.ts";

const good = [
  "a",
  "a/b",
  "robot/arm/pose",
  "$sys/x",
  "a b/c",
  "é/日本/🤖",
  "a*/b",
  "***",
  "a/b**",
  "*a*",
];
const lone = "\ud800";

/** Names that neither a topic nor a pattern may have, with words that the message must contain. */
const bad: [name: string, words: RegExp][] = [
  ["", /must not be empty/],
  ["/", /empty segment.*segment 1, at character 1\)/],
  ["/a", /empty segment.*segment 1, at character 1\)/],
  ["a/", /empty segment.*segment 2, at character 3\)/],
  ["a//b", /empty segment.*segment 2, at character 3\)/],
  [" a", /white space before.*segment 1, at character 1\)/],
  ["a/b /c", /white space after.*segment 2, at character 4\)/],
  ["a/\u00a0b", /white space before.*segment 2, at character 3\)/],
  ["a/ /b", /white space before.*segment 2, at character 3\)/],
  ["a\u0000b", /U\+0000.*segment 1, at character 2\)/],
  ["a/b\u007f", /U\+007F.*segment 2, at character 4\)/],
  ["a/b\u0085c", /U\+0085/],
  [`a/${lone}`, /surrogate.*segment 2, at character 3\)/],
  [`\udc00a`, /surrogate/],
  ["a".repeat(1025), /at least 1025 bytes.*at most 1024/],
  ["é".repeat(513), /1026 bytes.*at most 1024/],
];

const isBadTopic =
  (words: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof OmnibusError);
    assert.equal(error.code, "bad-topic");
    assert.match(error.message, words);
    return true;
  };

test("names within the grammar are topics and patterns", () => {
  for (const name of [...good, "a".repeat(1024), "é".repeat(512), "a/".repeat(511) + "a"]) {
    checkTopic(name);
    checkPattern(name);
    assert.equal(isPattern(name), false, name);
  }
});

test("a name outside the grammar is refused with what is wrong and where", () => {
  for (const [name, words] of bad) {
    assert.throws(() => checkTopic(name), isBadTopic(words));
    assert.throws(() => checkPattern(name), isBadTopic(words));
  }
  assert.throws(() => checkTopic(5 as unknown as string), TypeError);
});

test("a topic has no wildcards, a pattern has them as whole segments, `**` last", () => {
  for (const name of ["*", "**", "a/*", "*/a", "a/**", "*/*/**", "$sys/*"]) {
    assert.throws(() => checkTopic(name), isBadTopic(/wildcard/));
    checkPattern(name);
    assert.equal(isPattern(name), true, name);
  }
  assert.throws(() => checkPattern("**/a"), isBadTopic(/segment 1, at character 1\)/));
  assert.throws(() => checkPattern("a/**/b"), isBadTopic(/segment 2, at character 3\)/));
  assert.throws(() => checkPattern("a/**/**"), isBadTopic(/segment 2/));
});

test("`*` matches one segment, `**` one or more, neither of them a leading `$`", () => {
  const yes = ["a a", "* a", "** a", "** a/b/c", "a/* a/b", "a/** a/b", "a/** a/b/c", "*/b a/b"];
  const no = [
    "a b",
    "a/* a",
    "a/** a",
    "* a/b",
    "a a/b",
    "a/b a",
    "a/* b/c",
    "* $a",
    "** $a/b",
    "*/b $a/b",
  ];
  for (const pair of [...yes, "$a/* $a/b", "$a/** $a/b", "a/* a/$b", "a/** a/$b"]) {
    const [pattern = "", topic = ""] = pair.split(" ");
    assert.equal(matchesPattern(pattern, topic), true, pair);
  }
  for (const pair of no) {
    const [pattern = "", topic = ""] = pair.split(" ");
    assert.equal(matchesPattern(pattern, topic), false, pair);
  }
});

const segment = fc.constantFrom("a", "b", "$", "$a", "a*");
const topics = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const patterns = fc
  .tuple(fc.array(fc.oneof(segment, fc.constant("*")), { maxLength: 4 }), fc.boolean())
  .map(([parts, isOpen]) => (isOpen || parts.length === 0 ? [...parts, "**"] : parts).join("/"));

/** The grammar's meaning in the plainest words, to compare with. */
function matchesByRegExp(pattern: string, topic: string): boolean {
  if (topic.startsWith("$") && pattern.startsWith("*")) return false;
  const parts = pattern.split("/").map((part) => {
    if (part === "*") return "[^/]+";
    return part === "**" ? ".+" : part.replaceAll(/[$*]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}$`).test(topic);
}

test("matching agrees with regular expressions", () => {
  fc.assert(
    fc.property(patterns, topics, (pattern, topic) => {
      assert.equal(matchesPattern(pattern, topic), matchesByRegExp(pattern, topic));
    }),
    { numRuns: 2000 },
  );
});

/** All topics of up to five segments over three names: enough to tell patterns of four apart. */
const world: string[] = [];
for (let level = [""], depth = 0; depth < 5; depth++) {
  level = level.flatMap((prefix) => ["a", "b", "z", "$"].map((name) => `${prefix}${name}`));
  world.push(...level);
  level = level.map((name) => `${name}/`);
}
const fewNames = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "$", "*"), { maxLength: 4 }), fc.boolean())
  .map(([parts, isOpen]) => (isOpen || parts.length === 0 ? [...parts, "**"] : parts).join("/"));

test("covering and intersecting agree with trying all topics of a small world", () => {
  fc.assert(
    fc.property(fewNames, fewNames, (a, b) => {
      const ofA = world.filter((topic) => matchesPattern(a, topic));
      const both = ofA.filter((topic) => matchesPattern(b, topic));
      assert.equal(coversPattern(b, a), both.length === ofA.length, `${b} covers ${a}`);
      assert.equal(patternsIntersect(a, b), both.length > 0, `${a} meets ${b}`);
    }),
    { numRuns: 300 },
  );
});
