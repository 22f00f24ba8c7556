import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesPattern } from "../../base/index.ts";
import { Grants, noGrants } from "./permissions.ts";

test("[JSON-10.5] without permissions all is allowed but the system's topics", () => {
  const grants = new Grants([]);
  for (const name of ["a", "a/b", "**", "a/*"]) assert.ok(grants.may("publish", name));
  for (const name of ["$sys", "$sys/a", "$sys/**"]) assert.ok(!grants.may("subscribe", name));
});

test("[JSON-10.5] what is listed is allowed, except what is denied", () => {
  const grants = new Grants([{ publish: ["chat/**", "!chat/admin/**"], subscribe: [] }]);
  const verdicts: [name: string, may: boolean][] = [
    ["chat/a", true],
    ["chat/admin/x", false],
    ["chat/admin", true],
    ["other", false],
    ["chat/*", true],
    ["chat/admin/*", false],
    ["chat/*/x", true],
    ["**", true],
    ["*/a", true],
    ["other/**", false],
    ["$sys", false],
  ];
  for (const [name, may] of verdicts) assert.equal(grants.may("publish", name), may, name);
  assert.ok(!grants.may("subscribe", "chat/a"));
  assert.ok(grants.may("serve", "anything"));
});

test("[JSON-10.5] permissions of several roles add up; a denial of one counts for all", () => {
  const grants = new Grants([{ publish: ["a/*"] }, { publish: ["b/*", "!a/x"] }, {}]);
  assert.ok(grants.may("publish", "a/y"));
  assert.ok(grants.may("publish", "b/y"));
  assert.ok(!grants.may("publish", "a/x"));
  assert.ok(!grants.may("publish", "c"));
});

test("[JSON-10.5] a pattern wholly denied is refused, also if its allowance is", () => {
  const grants = new Grants([{ subscribe: ["a/*", "!a/**"] }]);
  assert.ok(!grants.may("subscribe", "a/x"));
  assert.ok(!grants.may("subscribe", "a/*"));
  assert.ok(!grants.may("subscribe", "**"));
});

test("the system's topics can be allowed by name", () => {
  const grants = new Grants([{ subscribe: ["**", "$sys/**"] }]);
  assert.ok(grants.may("subscribe", "$sys/a"));
  assert.ok(!grants.may("subscribe", "$other"));
});

test("what is not a pattern is refused with the entry's name", () => {
  for (const entry of ["", "!", "a//b", "**/a", "!/a"]) {
    assert.throws(() => new Grants([{ publish: [entry] }]), {
      code: "bad-config",
      message: `[bad-config] ${JSON.stringify(entry)} under publish is not a topic pattern`,
    });
  }
});

test("nobody may do nothing", () => {
  for (const name of ["a", "**", "$sys"]) assert.ok(!noGrants.may("publish", name));
});

test("a topic's verdict is that of the plain rule; a pattern with an allowed topic is never refused", () => {
  const segment = fc.constantFrom("a", "b", "*");
  const pattern = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([segments, isOpen]) => (isOpen ? [...segments, "**"] : segments).join("/"));
  const entry = fc.tuple(pattern, fc.boolean()).map(([p, isDenied]) => (isDenied ? `!${p}` : p));
  const topic = fc
    .array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 4 })
    .map((segments) => segments.join("/"));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), pattern, topic, (entries, asked, name) => {
      const grants = new Grants([{ subscribe: entries }]);
      const isDenied = entries.some((e) => e.startsWith("!") && matchesPattern(e.slice(1), name));
      const isAllowed = entries.some((e) => !e.startsWith("!") && matchesPattern(e, name));
      const may = isAllowed && !isDenied;
      assert.equal(grants.may("subscribe", name), may);
      assert.equal(grants.may("subscribe", name), may, "also from the cache");
      if (may && matchesPattern(asked, name)) assert.ok(grants.may("subscribe", asked));
    }),
    { seed: 7, numRuns: 3000 },
  );
});
