import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomMaker } from "./make-room.ts";
import type { Neighbour } from "./neighbour.ts";

/** Somebody whose oldest waiting run is of that tick. */
class Keeper {
  readonly ends: unknown[] = [];
  sinceTick: number;

  constructor(sinceTick: number) {
    this.sinceTick = sinceTick;
  }

  get session(): Neighbour["session"] {
    const { sinceTick, ends } = this;
    const end = (error: unknown): void => void ends.push(error);
    const link = { destroy: () => undefined };
    return { sender: { queue: { sinceTick } }, end, link } as unknown as Neighbour["session"];
  }
}

test("who reads, but is behind by more than a second, keeps no numbers that others need", () => {
  const [book, outbox] = [{ isShort: false }, { tick: 1000 }];
  const room = new RoomMaker(book, outbox);
  const keepers = [new Keeper(990), new Keeper(980), new Keeper(Number.POSITIVE_INFINITY)];
  room.check(keepers);
  const [slow, slower] = keepers as [Keeper, Keeper];
  outbox.tick = 2000;
  slow.sinceTick = 1001;
  slower.sinceTick = 991;
  room.check(keepers);
  assert.equal(slower.ends.length, 0, "nobody needs them");
  outbox.tick = 3000;
  slow.sinceTick = 1998;
  slower.sinceTick = 1500;
  book.isShort = true;
  room.check(keepers);
  assert.deepEqual([slow.ends.length, slower.ends.length, book.isShort], [0, 1, false]);
});

test("that numbers were short once ended somebody who was slow long after", () => {
  const [book, outbox] = [{ isShort: true }, { tick: 10 }];
  const room = new RoomMaker(book, outbox);
  const keeper = new Keeper(Number.POSITIVE_INFINITY);
  room.check([keeper]);
  for (keeper.sinceTick = 10; outbox.tick < 50; outbox.tick += 10) room.check([keeper]);
  assert.deepEqual(keeper.ends, []);
});
