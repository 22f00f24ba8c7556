import assert from "node:assert/strict";
import { test } from "node:test";
import { consolePage } from "./console-page.ts";

test("the page names no other site and holds no event handlers that its policy would stop", () => {
  assert.doesNotMatch(consolePage.html, /https?:\/\//);
  assert.doesNotMatch(consolePage.html, / on\w+=|style=/);
  assert.doesNotMatch(consolePage.html, /<\/script>[^]*<\/script>/, "the script ends itself");
  assert.ok(Buffer.byteLength(consolePage.html) < 32_768);
});
