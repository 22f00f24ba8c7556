import { createHash, timingSafeEqual } from "node:crypto";

/** What is kept and compared instead of a secret: its SHA-256. */
export function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Whether two digests are equal; takes as long whatever they hold. */
export function isSameDigest(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
}
