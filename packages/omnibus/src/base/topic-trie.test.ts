import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TopicTrie } from "./topic-trie.ts";
import { matchesPattern } from "./topic.ts";

const sorted = (items: number[]): number[] => items.toSorted((a, b) => a - b);

test("a topic finds the items of the patterns that match it", () => {
  const trie = new TopicTrie<number>();
  for (const [index, pattern] of ["a/b", "a/*", "a/**", "**", "*/b", "b", "a"].entries()) {
    assert.equal(trie.add(pattern, index), true);
  }
  assert.deepEqual(sorted(trie.match("a/b")), [0, 1, 2, 3, 4]);
  assert.deepEqual(sorted(trie.match("a")), [3, 6]);
  assert.deepEqual(trie.match("$a/b"), []);
});

test("an item is found once for each pattern, and stored once for each", () => {
  const trie = new TopicTrie<string>();
  trie.add("a", "x");
  trie.add("*", "x");
  assert.equal(trie.add("*", "x"), false);
  assert.equal(trie.size, 2);
  assert.deepEqual(trie.match("a"), ["x", "x"]);
});

test("the version grows with each change and with nothing else", () => {
  const trie = new TopicTrie<string>();
  const seen = [trie.version];
  trie.add("a/*", "x");
  seen.push(trie.version);
  trie.add("a/*", "x");
  trie.delete("a/*", "y");
  trie.delete("a/b/*", "x");
  trie.delete("a", "x");
  trie.match("a/b");
  assert.equal(trie.version, seen[1]);
  trie.delete("a/*", "x");
  seen.push(trie.version);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(new Set(seen).size, 3);
  assert.equal(trie.size, 0);
});

test("names of Object.prototype are plain names", () => {
  const trie = new TopicTrie<string>();
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  for (const name of names) assert.deepEqual(trie.match(`${name}/${name}`), []);
  for (const name of names) {
    trie.add(name, name);
    trie.add(`${name}/*`, name);
    assert.deepEqual(trie.match(name), [name]);
    assert.deepEqual(trie.match(`${name}/${name}`), [name]);
  }
  assert.equal(trie.size, 8);
});

test("names of 512 segments are stored, found, listed and taken out", () => {
  const deep = `${"a/".repeat(511)}*`;
  const trie = new TopicTrie<number>();
  trie.add(deep, 1);
  trie.add("*/".repeat(511) + "a", 2);
  trie.add("a/".repeat(300) + "**", 3);
  assert.deepEqual(sorted(trie.match("a/".repeat(511) + "a")), [1, 2, 3]);
  assert.equal([...trie].length, 3);
  assert.equal(trie.delete(deep, 1), true);
  assert.equal(trie.delete(deep, 1), false);
  assert.equal(trie.size, 2);
});

const segment = fc.constantFrom("a", "b", "$a", "*", "__proto__");
const names = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([parts, isOpen]) => (isOpen ? [...parts, "**"] : parts).join("/"));
const topics = fc
  .array(fc.constantFrom("a", "b", "c", "$a", "__proto__"), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"));
const steps = fc.array(fc.tuple(fc.boolean(), names, fc.integer({ min: 0, max: 3 })), {
  maxLength: 40,
});

test("after any additions and deletions it finds what matching one by one finds", () => {
  fc.assert(
    fc.property(steps, topics, (changes, topic) => {
      const trie = new TopicTrie<number>();
      const model = new Map<string, [pattern: string, item: number]>();
      for (const [isAdding, pattern, item] of changes) {
        const key = `${pattern} ${item}`;
        if (isAdding) {
          assert.equal(trie.add(pattern, item), !model.has(key));
          model.set(key, [pattern, item]);
        } else {
          assert.equal(trie.delete(pattern, item), model.delete(key));
        }
      }
      const expected = [...model.values()]
        .filter(([pattern]) => matchesPattern(pattern, topic))
        .map(([, item]) => item);
      assert.deepEqual(sorted(trie.match(topic)), sorted(expected));
      assert.deepEqual([...trie].map(String).sort(), [...model.values()].map(String).sort());
      assert.equal(trie.size, model.size);
      for (const [pattern, item] of model.values()) trie.delete(pattern, item);
      assert.deepEqual([...trie], []);
    }),
    { numRuns: 500 },
  );
});
