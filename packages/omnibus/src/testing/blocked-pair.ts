import { sessionPair, type SessionPair, type SessionPairOptions } from "./session-pair.ts";

/** The spool and the slab that frames are encoded in: what a node that waits for nothing has lent. */
const lentAtRest = 2;

/** A payload of so many bytes, all of that value. */
export function payloadOf(value: number, bytes = 1): Uint8Array {
  return new Uint8Array(bytes).fill(value);
}

/** A pair in which `b` does not read, so that `a`'s link is full at once. */
export function blockedPair(options: SessionPairOptions = {}): SessionPair {
  const pair = sessionPair({ bufferBytes: 1, ...options });
  pair.linkB.pause();
  // The first is taken; the second waits for room.
  for (let n = 0; n < 2; n++) {
    pair.a.publish("filler", payloadOf(0));
    pair.clock.settle();
  }
  if (!pair.toB.sender.queue.isBlocked) throw new Error("the link took all");
  return pair;
}

/** Throws unless `a` has nothing left in its queue or lent of its memory. */
export function assertQuiet({ a, toB }: SessionPair): void {
  const { chargedBytes, answerBytes } = toB.sender.queue;
  const { lent, returnedTwice } = a.pool;
  const isQuiet = chargedBytes === 0 && answerBytes === 0 && lent === lentAtRest;
  if (!isQuiet || returnedTwice > 0)
    throw new Error(JSON.stringify({ chargedBytes, answerBytes, lent, returnedTwice }));
}
