/** What the battery found wrong in the product, each by a name that says what it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tellLie } from "./rows/leaf.ts";

test("who may not publish to a topic could tell its subscribers of losses there", async () => {
  assert.deepEqual(await tellLie("a count of losses that nobody had"), []);
});

test("a live message that its leaf called history was kept from JSON subscribers", async () => {
  assert.deepEqual(await tellLie("history that it is not"), []);
});

test("a message of a narrower realm than its link reached subscribers at the server", async () => {
  assert.deepEqual(await tellLie("a narrower realm than the link"), []);
});
