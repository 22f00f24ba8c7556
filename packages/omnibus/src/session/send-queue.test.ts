import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link } from "../link/index.ts";
import { FakeClock } from "../testing/index.ts";
import { runType } from "../wire/index.ts";
import { Outbox } from "./outbox.ts";
import { queueLimits, SendQueue } from "./send-queue.ts";

/** Takes one frame at a time, and is done with it when the test says so. */
const slowLink = { isMessageBased: true, write: () => false } as unknown as Link;

function slowQueue(outbox: Outbox): SendQueue {
  return new SendQueue(slowLink, queueLimits(65_536), outbox.frames, () => undefined);
}

/** Queues a run for each and flushes; returns the tick that it was in. */
function say(outbox: Outbox, queues: readonly SendQueue[]): number {
  const { tick } = outbox;
  for (const queue of queues) outbox.control(queue, runType.pong, new Uint8Array(8));
  outbox.flush();
  return tick;
}

/** The link is done with a frame, and the next one is written. */
function take(outbox: Outbox, queue: SendQueue): void {
  queue.written();
  outbox.touch(queue);
  outbox.flush();
}

test("a queue that was never empty when it was flushed seemed to hold what it had sent long ago", () => {
  const outbox = new Outbox(new FakeClock());
  const queue = slowQueue(outbox);
  assert.equal(queue.sinceTick, Number.POSITIVE_INFINITY);
  const ticks = [say(outbox, [queue]), say(outbox, [queue]), say(outbox, [queue])];
  assert.equal(queue.sinceTick, ticks[0], "what is being written counts");
  take(outbox, queue);
  assert.equal(queue.sinceTick, ticks[1], "written later than it was queued");
  ticks.push(say(outbox, [queue]));
  take(outbox, queue);
  assert.equal(queue.sinceTick, ticks[2]);
  take(outbox, queue);
  assert.equal(queue.sinceTick, ticks[3]);
  queue.written();
  assert.equal(queue.sinceTick, Number.POSITIVE_INFINITY);
});

test("queues that share what waits know each how old its oldest is", () => {
  const outbox = new Outbox(new FakeClock());
  const [early, late] = [slowQueue(outbox), slowQueue(outbox)];
  const ticks = [say(outbox, [early])];
  // A frame in flight of its own for each; then what both are to get.
  ticks.push(say(outbox, [late]));
  ticks.push(say(outbox, [early, late]), say(outbox, [early, late]));
  assert.deepEqual([early.sinceTick, late.sinceTick], [ticks[0], ticks[1]]);
  take(outbox, late);
  assert.deepEqual([early.sinceTick, late.sinceTick], [ticks[0], ticks[2]]);
  take(outbox, early);
  take(outbox, early);
  assert.deepEqual([early.sinceTick, late.sinceTick], [ticks[3], ticks[2]]);
});

test("what overtakes says nothing of how old the rest is", () => {
  const outbox = new Outbox(new FakeClock());
  const queue = slowQueue(outbox);
  say(outbox, [queue]);
  const waiting = say(outbox, [queue]);
  outbox.control(queue, runType.credit, new Uint8Array(8), "control");
  outbox.flush();
  take(outbox, queue);
  assert.equal(queue.sinceTick, waiting);
});
