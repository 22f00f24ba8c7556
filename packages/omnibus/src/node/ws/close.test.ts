import assert from "node:assert/strict";
import { test } from "node:test";
import { closeError } from "../../link/index.ts";
import { closeTable } from "./close.ts";

test("no close code that a server sends is unknown to programs: both sides have one table", () => {
  for (const [reason, { code, meaning }] of Object.entries(closeTable)) {
    const error = closeError(code, meaning);
    if (reason === "normal") assert.equal(error, undefined);
    else {
      assert.notEqual(error?.code, "closed", reason);
      assert.match(error?.message ?? "", new RegExp(`${code}: ${meaning}$`));
    }
  }
  assert.equal(closeError(1005, ""), undefined);
  assert.equal(closeError(1006, "")?.code, "closed");
  assert.equal(closeError(4999, "")?.code, "closed");
});
