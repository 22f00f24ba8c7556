import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../wire/index.ts";
import { AddressBook } from "./address-book.ts";
import { AddressGuess } from "./address-guess.ts";

function world(maxAddresses: number) {
  const state = { oldestTick: 1 };
  const book = new AddressBook({
    maxAddresses,
    oldestTick: () => state.oldestTick,
    isPinned: (address) => address.name === "stays",
    retired: () => {},
  });
  const guess = new AddressGuess();
  let lookups = 0;
  const find = (name: string): Address => {
    const guessed = guess.guess(name);
    if (guessed !== undefined) return guessed;
    lookups++;
    const address = book.get("topic", name);
    guess.learn(address);
    return address;
  };
  const lookedUp = (...names: string[]): number => {
    lookups = 0;
    for (const name of names) assert.equal(find(name), book.find("topic", name), name);
    return lookups;
  };
  return { book, find, lookedUp };
}

test("the last topic, and the one that followed it before, are guessed", () => {
  const { lookedUp } = world(100);
  assert.equal(lookedUp("a", "a", "b", "c", "a"), 4);
  assert.equal(lookedUp("b", "c", "a", "b", "b", "c", "a"), 0);
  assert.equal(lookedUp("c", "b", "a"), 3, "another order is learnt");
  assert.equal(lookedUp("c", "b", "a"), 0);
});

test("an address whose number was given away is never guessed, and holds on to nothing", () => {
  const { book, find, lookedUp } = world(2);
  const [stays, goes] = [find("stays"), find("goes")];
  find("stays");
  assert.equal(stays.next, goes);
  const new_ = book.get("topic", "new");
  assert.ok(goes.isRetired);
  assert.equal(goes.next, undefined);
  assert.equal(new_.number, goes.number);
  assert.equal(lookedUp("goes"), 1, "it is another address of that name now");
  assert.ok(new_.isRetired);
});

test("names that are used once do not become a chain that lives as long as its first", () => {
  const { find } = world(2);
  const first = find("stays");
  for (let n = 0; n < 100; n++) find(`once/${n}`);
  let length = 0;
  for (let at: Address | undefined = first; at !== undefined; at = at.next) length++;
  assert.ok(length <= 2, `${length} addresses are held`);
});
