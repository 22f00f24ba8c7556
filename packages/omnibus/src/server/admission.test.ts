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

test("the addresses of one IPv6 network of /64 count as one, and keep their own names", () => {
  const admission = new Admission({ maxConnections: 100, maxPerAddress: 2 });
  const first = admission.admit("2001:db8:0:7::1");
  assert.equal(typeof first === "object" && first.address, "2001:db8:0:7::1");
  assert.equal(typeof admission.admit("2001:db8::7:0:0:0:9"), "object");
  for (const same of ["2001:DB8::7:1:2:3:4", "2001:0db8:0:0007::", "2001:db8:0:7::192.0.2.1"]) {
    assert.equal(admission.admit(same), "too-many", same);
  }
  for (const other of [
    "2001:db8:0:8::1",
    "2001:db8::1",
    "fe80::1%eth0",
    "::",
    "64:ff9b::192.0.2.1",
  ]) {
    assert.equal(typeof admission.admit(other), "object", other);
  }
  if (typeof first === "object") first.leave();
  assert.equal(typeof admission.admit("2001:db8:0:7::2"), "object");
  for (let n = 0; n < 5; n++) assert.equal(typeof admission.admit("::1"), "object");
});

test("connections from one address share its string", () => {
  const admission = new Admission({ maxConnections: 6, maxPerAddress: 2 });
  const tickets = ["a", "b"].map(() => admission.admit("192.0.2.1"));
  assert.equal(tickets[0], tickets[1]);
});
