import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyBytes, messageFrame, sessionPair } from "../testing/index.ts";
import { AddressList, maxAliases } from "../wire/index.ts";

test("an address that got a number again took that of another in the same run for several", () => {
  const { a, b, clock, linkA, toB } = sessionPair();
  const payload = Uint8Array.of(1);
  const list = new AddressList();
  for (const topic of ["x", "y"]) {
    a.publish(topic, payload);
    list.add(a.book.get("topic", topic));
  }
  clock.settle();
  const [x, y] = [b.book.get("topic", "x"), b.book.get("topic", "y")];
  // All numbers of `b` are in use, that of y has been taken back, and x has not been used for longest.
  x.lastUsedTick = Number.POSITIVE_INFINITY;
  y.lastUsedTick = -1;
  let made = 0;
  const fill = (): unknown => b.book.get("topic", `fill/${made++}`);
  while (!y.isRetired) fill();
  while (b.book.size < maxAliases - 1) fill();
  x.lastUsedTick = -1;
  const arrived: string[] = [];
  b.messageForSeveral = (_session, got): void => {
    for (let n = 0; n < got.length; n++) {
      const { name, isRetired } = got.at(n);
      arrived.push(isRetired ? `${name}, retired` : name);
    }
  };
  const body = bodyBytes({ records: [{ payload }, { payload }] });
  linkA.write([messageFrame([{ header: { list }, body }])]);
  clock.settle();
  assert.deepEqual(arrived, ["x", "y"]);
  assert.equal(toB.state, "open");
});
