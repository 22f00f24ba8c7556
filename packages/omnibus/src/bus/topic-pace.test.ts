import assert from "node:assert/strict";
import { test } from "node:test";
import { TopicPace } from "./topic-pace.ts";

/** A session that is read from, or not. */
class Reading {
  isPaused = false;
  pauseReading(): void {
    this.isPaused = true;
  }
  resumeReading(): void {
    this.isPaused = false;
  }
}

test("[WIRE-7.5] four seconds' worth may come at once; beyond that reading stops until it is paid for", () => {
  const session = new Reading();
  const pace = new TopicPace(100);
  for (let n = 0; n < 400; n++) pace.took(session);
  assert.equal(session.isPaused, false);
  for (let n = 0; n < 150; n++) pace.took(session);
  assert.equal(session.isPaused, true);
  pace.tick(session);
  assert.equal(session.isPaused, true);
  pace.tick(session);
  assert.equal(session.isPaused, false);
});

test("[WIRE-7.5] far too many in one read end the session with too-many", () => {
  const session = new Reading();
  const pace = new TopicPace(1000);
  for (let n = 0; n < 4000 + 16_384; n++) pace.took(session);
  assert.throws(() => pace.took(session), { code: "too-many" });
});

test("who is quiet saves no more than four seconds' worth", () => {
  const session = new Reading();
  const pace = new TopicPace(10);
  for (let second = 0; second < 100; second++) pace.tick(session);
  for (let n = 0; n < 40; n++) pace.took(session);
  assert.equal(session.isPaused, false);
  pace.took(session);
  assert.equal(session.isPaused, true);
});

test("who may bring one topic a second is not left unread for hours after one read of many", () => {
  const session = new Reading();
  const pace = new TopicPace(1);
  for (let n = 0; n < 10_000; n++) pace.took(session);
  for (let second = 0; second < 3; second++) pace.tick(session);
  assert.equal(session.isPaused, true);
  pace.tick(session);
  assert.equal(session.isPaused, false);
});
