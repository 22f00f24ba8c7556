import assert from "node:assert/strict";
import { test } from "node:test";
import { controlRun, frameBytes, sessionPair } from "../testing/index.ts";
import { runType } from "../wire/index.ts";
import { FrameDeadline } from "./frame-deadline.ts";

test("a frame that never comes to its end is over after its time, whatever else is heard", () => {
  const deadline = new FrameDeadline();
  deadline.read(0, true, true);
  assert.equal(deadline.isOver(1_000_000, 30_000), false);
  for (let nowMs = 0; nowMs < 30_000; nowMs += 5000) {
    assert.equal(deadline.isOver(nowMs, 30_000), false);
    deadline.read(nowMs, false, false);
  }
  assert.equal(deadline.isOver(29_999, 30_000), false);
  assert.equal(deadline.isOver(30_000, 30_000), true);
  // The next frame has begun when the one before was whole.
  deadline.read(30_000, false, true);
  assert.equal(deadline.isOver(59_999, 30_000), false);
  assert.equal(deadline.isOver(60_000, 30_000), true);
});

test("a neighbour that sent a frame byte by byte for ever was never cut off", () => {
  const { a, linkA, toA, clock } = sessionPair();
  const ping = frameBytes({ runs: [{ bytes: controlRun(runType.ping, new Uint8Array(60)) }] });
  let sent = 0;
  while (toA.state === "open" && sent < 20) {
    linkA.write([ping.subarray(sent, ++sent)]);
    clock.advance(5000);
    toA.tick(clock.nowMs(), 8000);
    clock.settle();
  }
  assert.equal(sent, 6);
  assert.equal(a.events.at(-1), "closed [timeout] a frame took too long to come");
});
