import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../testing/index.ts";
import { SharedText } from "./shared-text.ts";

test("a text was made for each who asked, also at the same time", async () => {
  let made = 0;
  const text = new SharedText(new FakeClock(), async () => `text ${++made}`);
  const all = await Promise.all(Array.from({ length: 1400 }, () => text.bytes()));
  assert.equal(made, 1);
  assert.equal(new Set(all).size, 1, "and each had bytes of its own");
});

test("who asks seldom gets a new text, a crowd the last one until the next second", async () => {
  const clock = new FakeClock();
  let made = 0;
  const text = new SharedText(clock, async () => `text ${++made}`);
  const ask = async (): Promise<string> => new TextDecoder().decode(await text.bytes());
  for (let n = 1; n <= 5; n++) assert.equal(await ask(), `text ${n}`);
  for (let n = 0; n < 1000; n++) assert.equal(await ask(), "text 5");
  clock.advance(1000);
  assert.equal(await ask(), "text 6");
});

test("a text that could not be made is tried again by the next who asks", async () => {
  let made = 0;
  const text = new SharedText(new FakeClock(), async () => {
    if (++made === 1) throw new Error("not now");
    return "text";
  });
  await assert.rejects(text.bytes(), /not now/);
  assert.equal(new TextDecoder().decode(await text.bytes()), "text");
});
