import assert from "node:assert/strict";
import { test } from "node:test";
import { Router } from "../routing/index.ts";
import { Address } from "../wire/index.ts";
import { LocalSubscribers } from "./local-subscribers.ts";
import type { Neighbour } from "./neighbour.ts";
import type { LogProvider } from "./plugs.ts";
import { type Reach, ReachTable } from "./reach.ts";

function world() {
  const neighbour = { realm: "global" } as unknown as Neighbour;
  const state = { covers: true, logVersion: 0, asked: 0 };
  const log: LogProvider = {
    covers: () => {
      state.asked++;
      return state.covers;
    },
    get version() {
      return state.logVersion;
    },
    append: () => undefined,
    last: () => [],
  };
  const router = new Router<Neighbour>(() => true);
  const subscribers = new LocalSubscribers();
  return { neighbour, state, router, table: new ReachTable({ router, subscribers, log }) };
}

test("what was worked out for an address is kept until a table or the history changes", () => {
  const { neighbour, state, router, table } = world();
  const address = new Address(1, "topic", "a");
  const first = table.of(address);
  assert.deepEqual([first.faces, first.isCovered, first.isWantedHere], [[], true, true]);
  assert.equal(table.of(address), first);
  router.add(neighbour, "a");
  const second = table.of(address);
  assert.deepEqual([second.faces, second.widestRealm], [[neighbour], 3]);
  state.covers = false;
  assert.equal(table.of(address), second);
  state.logVersion++;
  assert.deepEqual([table.of(address).isCovered, table.of(address).isWantedHere], [false, false]);
  assert.equal(state.asked, 3);
});

test("a new topic in the history does not throw away where all other addresses lead", (t) => {
  const { neighbour, state, router, table } = world();
  router.add(neighbour, "a");
  const targets = t.mock.method(router, "targets");
  const address = new Address(1, "topic", "a");
  const { faces } = table.of(address);
  for (let n = 0; n < 100; n++) {
    state.logVersion++;
    state.covers = n % 2 === 0;
    const reach = table.of(address);
    assert.equal(reach.faces, faces);
    assert.deepEqual([reach.isCovered, reach.isWantedHere], [state.covers, state.covers]);
  }
  assert.equal(targets.mock.callCount(), 1);
});

test("an address that nobody uses again does not keep a closed neighbour alive", () => {
  const { neighbour, router, table } = world();
  router.add(neighbour, "**");
  const addresses = Array.from({ length: 20_000 }, (_, n) => new Address(n + 1, "topic", `t/${n}`));
  let looks = 0;
  const book = {
    *all() {
      for (const address of addresses) {
        looks++;
        yield address;
      }
    },
  };
  const keeping = (): number =>
    addresses.filter(({ reach }) => (reach as Reach | undefined)?.faces.includes(neighbour)).length;
  for (const address of addresses) table.of(address);
  for (let calls = 0; calls < 10; calls++) table.forgetStale(book);
  assert.equal(keeping(), 20_000);
  looks = 0;
  table.forgetStale(book);
  assert.equal(looks, 0);

  router.removeFace(neighbour);
  const used = table.of(addresses[3] as Address);
  table.forgetStale(book);
  assert.ok(looks < 10_000, `${looks} in one call`);
  for (let calls = 0; calls < 2; calls++) table.forgetStale(book);
  assert.equal(keeping(), 0);
  assert.equal(table.of(addresses[3] as Address), used);
});

test("a number that went to another address does not bring the old one's receivers along", () => {
  const { neighbour, router, table } = world();
  router.add(neighbour, "old");
  const old = new Address(5, "topic", "old");
  assert.equal(table.of(old).faces.length, 1);
  old.isRetired = true;
  assert.equal(table.of(new Address(5, "topic", "new")).faces.length, 0);
  assert.equal(table.of(old).faces.length, 1);
});
