import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkPattern, checkTopic, matchesPattern } from "../../base/index.ts";
import { toBusName, toJsonName } from "./json-names.ts";

const examples: readonly [name: string, topic: string, clause: string][] = [
  ["chat", "chat", "NAMES-2.1"],
  ["chat/general", "chat/general", "NAMES-2.1"],
  ["chat room", "chat room", "NAMES-2.1"],
  ["my_critical_topic", "my_critical_topic", "NAMES-2.1"],
  ["50% off", "50% off", "NAMES-2.1"],
  ["100%/done", "100%/done", "NAMES-2.1"],
  ["grüße/世界/😀", "grüße/世界/😀", "NAMES-2.1"],
  ["$price", "$price", "NAMES-2.1"],
  ["", "%_", "NAMES-2.3"],
  ["/", "%_/%_", "NAMES-2.3"],
  ["/sensor", "%_/sensor", "NAMES-2.3"],
  ["sensor/", "sensor/%_", "NAMES-2.3"],
  ["a//b", "a/%_/b", "NAMES-2.3"],
  [" a", "%20a", "NAMES-2.3"],
  ["a ", "a%20", "NAMES-2.3"],
  [" ", "%20", "NAMES-2.3"],
  ["a / b", "a%20/%20b", "NAMES-2.3"],
  ["line\nbreak", "line%0Abreak", "NAMES-2.3"],
  ["tab\t", "tab%09", "NAMES-2.3"],
  ["\u0000", "%00", "NAMES-2.3"],
  ["\u0085x", "%85x", "NAMES-2.3"],
  ["\u3000x", "%u3000x", "NAMES-2.3"],
  ["\ufeffx", "%uFEFFx", "NAMES-2.3"],
  ["\ud800", "%uD800", "NAMES-2.3"],
  ["x\ud83d", "x%uD83D", "NAMES-2.3"],
  ["50% off ", "50%25 off%20", "NAMES-2.3"],
  ["%20", "%2520", "NAMES-2.2"],
  ["%20a", "%2520a", "NAMES-2.2"],
  ["%_", "%25_", "NAMES-2.2"],
  ["%2520a", "%252520a", "NAMES-2.2"],
  ["/a/*", "%_/a/*", "NAMES-3.1"],
  ["/**", "%_/**", "NAMES-3.1"],
];

for (const [name, topic, clause] of examples) {
  test(`[${clause}] ${JSON.stringify(name)} is ${JSON.stringify(topic)} on the bus`, () => {
    assert.equal(toBusName(name), topic);
    assert.equal(toJsonName(topic), name);
    checkPattern(topic);
  });
}

test("[NAMES-2.4] an escape that no name needs is a plain segment", () => {
  for (const topic of ["a%20b", "%41", "%u0041", "a%0a", "%", "%%", "%u20", "a%_"]) {
    assert.equal(toJsonName(topic), topic);
    assert.equal(toBusName(topic), topic);
  }
});

/** Names of the characters that matter, short enough for collisions. */
const tricky = fc.string({
  unit: fc.constantFrom(
    "%",
    "2",
    "5",
    "0",
    "_",
    "u",
    "A",
    "a",
    "/",
    " ",
    "\n",
    "\ud83d",
    "\ude00",
    "\u3000",
  ),
  maxLength: 12,
});
const anyName = fc.oneof(tricky, fc.string({ unit: "binary", maxLength: 30 }), fc.string());
const withoutStars = anyName.map((name) => name.replaceAll("*", "+"));

test("[NAMES-2.5] every name becomes a topic that the bus takes, and comes back", () => {
  fc.assert(
    fc.property(withoutStars, (name) => {
      const topic = toBusName(name);
      checkTopic(topic);
      assert.equal(toJsonName(topic), name);
    }),
    { seed: 2, numRuns: 5000 },
  );
});

test("[NAMES-2.5] every topic of the bus has a name, and it leads back", () => {
  fc.assert(
    fc.property(withoutStars, (topic) => {
      try {
        checkTopic(topic);
      } catch {
        return;
      }
      assert.equal(toBusName(toJsonName(topic)), topic);
    }),
    { seed: 3, numRuns: 5000 },
  );
});

test("[NAMES-3.1] a pattern matches the same names on both sides", () => {
  const segment = fc.constantFrom("a", "", " a", "%_", "%20a", "%2520a");
  const names = fc.array(segment, { minLength: 1, maxLength: 3 }).map((all) => all.join("/"));
  fc.assert(
    fc.property(names, names, fc.nat(2), (name, other, place) => {
      const pattern = name.split("/").map((s, at) => (at === place ? "*" : s));
      const asText = (text: string): string[] => text.split("/");
      const expected =
        pattern.length === asText(other).length &&
        pattern.every((s, at) => s === "*" || s === asText(other)[at]);
      assert.equal(matchesPattern(toBusName(pattern.join("/")), toBusName(other)), expected);
    }),
    { seed: 4, numRuns: 2000 },
  );
});
