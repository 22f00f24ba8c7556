import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../testing/index.ts";
import type { Address } from "../wire/index.ts";
import { AddressBook } from "./address-book.ts";

function world(maxAddresses?: number) {
  const state = { oldestTick: 0, pinned: new Set<string>(), retired: [] as string[] };
  const book = new AddressBook({
    ...(maxAddresses === undefined ? {} : { maxAddresses }),
    oldestTick: () => state.oldestTick,
    isPinned: (address) => state.pinned.has(address.name),
    retired: (addresses) => {
      for (const address of addresses) {
        assert.ok(address.isRetired);
        state.retired.push(address.name);
      }
    },
  });
  return { book, state };
}

test("a name has one number, kinds are apart, and numbers begin with 1", () => {
  const { book } = world();
  const first = book.get("topic", "a");
  assert.equal(first.number, 1);
  assert.equal(book.get("topic", "a"), first);
  assert.equal(book.get("endpoint", "a").number, 2);
  assert.equal(book.get("node", "a").number, 3);
  assert.equal(book.find("topic", "a"), first);
  assert.equal(book.find("topic", "b"), undefined);
  assert.equal(book.size, 3);
});

test("all 65,535 numbers can be given, and no more while all are in use", () => {
  const { book, state } = world();
  for (let n = 1; n <= 65_535; n++) assert.equal(book.get("topic", `t/${n}`).number, n);
  assert.throws(() => book.get("topic", "more"), /\[too-many\] 65535 addresses/);
  assert.equal(book.size, 65_535);
  state.oldestTick = 1;
  assert.ok(book.get("topic", "more").number <= 65_535);
  assert.equal(state.retired.length, 2048);
});

test("who was used longest ago goes first; who is pinned or used since the oldest tick stays", () => {
  const { book, state } = world(4);
  const addresses = ["a", "b", "c", "d"].map((name) => book.get("topic", name));
  for (const [n, address] of addresses.entries()) address.lastUsedTick = 10 - n;
  state.pinned.add("d");
  state.oldestTick = 9;
  const added = book.get("topic", "e");
  assert.deepEqual(state.retired, ["c"]);
  assert.equal(added.number, addresses[2]?.number);
  assert.deepEqual(
    addresses.map(({ isRetired }) => isRetired),
    [false, false, true, false],
  );
  assert.notEqual(book.get("topic", "a"), undefined);
  assert.equal(book.find("topic", "c"), undefined);
});

test("whatever happens, no two living addresses share a number, and no busy one loses its own", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed);
    const { book, state } = world(12);
    const living = new Map<string, Address>();
    let tick = 1;
    for (let step = 0; step < 400; step++) {
      const name = `t/${random.integer(40)}`;
      const busy = [...living.values()].filter(
        (address) => address.lastUsedTick >= state.oldestTick || state.pinned.has(address.name),
      );
      const isFull = living.size >= 12 && busy.length === living.size && !living.has(name);
      if (isFull) {
        assert.throws(() => book.get("topic", name), /too-many/);
      } else {
        const address = book.get("topic", name);
        for (const gone of state.retired.splice(0)) {
          const one = living.get(gone);
          assert.ok(one !== undefined && !busy.includes(one), `seed ${seed}`);
          living.delete(gone);
        }
        const known = living.get(name);
        assert.ok(known === undefined || known === address);
        living.set(name, address);
        address.lastUsedTick = tick;
      }
      const numbers = new Set([...living.values()].map(({ number }) => number));
      assert.equal(numbers.size, living.size, `seed ${seed}`);
      assert.equal(book.size, living.size);
      if (random.integer(3) === 0) tick++;
      if (random.integer(4) === 0)
        state.oldestTick = Math.max(state.oldestTick, tick - random.integer(6));
      if (random.integer(9) === 0)
        state.pinned = new Set([...living.keys()].filter(() => random.integer(3) === 0));
    }
  }
});
