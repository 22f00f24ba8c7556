import assert from "node:assert/strict";
import { test } from "node:test";
import { Admission } from "./admission.ts";

test("an address has its limit, this machine none, and all together one", () => {
  const admission = new Admission({ maxConnections: 6, maxPerAddress: 2 });
  const first = admission.admit("192.0.2.1");
  assert.equal(typeof first, "object");
  assert.equal(typeof admission.admit("192.0.2.1"), "object");
  assert.equal(admission.admit("192.0.2.1"), "too-many");
  assert.equal(typeof admission.admit("192.0.2.2"), "object");
  for (const local of ["127.0.0.1", "127.0.0.1", "127.0.0.1"]) {
    assert.equal(typeof admission.admit(local), "object");
  }
  assert.equal(admission.admit("::1"), "full");
  assert.equal(admission.count, 6);
  if (typeof first === "object") first.leave();
  assert.equal(typeof admission.admit("192.0.2.1"), "object");
});

test("connections from one address share its string", () => {
  const admission = new Admission({ maxConnections: 6, maxPerAddress: 2 });
  const tickets = ["a", "b"].map(() => admission.admit("192.0.2.1"));
  assert.equal(tickets[0], tickets[1]);
});
