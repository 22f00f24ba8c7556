import { Slab, SlabPool } from "../base/index.ts";
import type { LinkReceiver } from "../link/index.ts";

/** Bytes that one read may bring when much is coming. */
const busySlabBytes = 262_144;
/** A read that brings this much makes a link busy: it gets memory of its own. */
const busyReadBytes = 16_384;
/** A link with less room than this behind what it has read gets more. */
const minReadBytes = 65_536;

/** Memory that all quiet links of the process read into: an idle link owns none. */
const landing = new Slab(new Uint8Array(65_536), { mustCopy: true });
const busySlabs = new SlabPool(busySlabBytes, 16);

/**
 * Decides which memory a stream link reads into, and shows its receiver what came, so that a frame is
 * always in one piece. No socket in here.
 */
export class ReceiveMemory {
  #slab: Slab = landing;
  /** First byte that the receiver has not used; end of what was read. */
  #start = 0;
  #end = 0;

  /** Where the next read goes. */
  next(): Uint8Array {
    return this.#end === 0 ? this.#slab.bytes : this.#slab.bytes.subarray(this.#end);
  }

  /** `count` bytes were read into what `next()` returned. */
  took(count: number, receiver: LinkReceiver): void {
    const end = this.#end + count;
    const used = receiver.received(this.#slab, this.#start, end);
    const isBusy = count >= busyReadBytes;
    if (used === end) this.#startOver(isBusy);
    else this.#keepRest(used, end, isBusy, receiver.wantedBytes);
  }

  /** Bytes that were read elsewhere (TLS, other runtimes), in memory that nobody will overwrite. */
  feed(chunk: Uint8Array, receiver: LinkReceiver): void {
    if (this.#end === 0) {
      const slab = new Slab(chunk);
      const used = receiver.received(slab, 0, chunk.length);
      if (used === chunk.length) return;
      if (this.#slab !== landing) this.#slab.release();
      this.#moveRest(slab, used, chunk.length, receiver.wantedBytes);
      return;
    }
    for (let at = 0; at < chunk.length;) {
      const room = this.next();
      const count = Math.min(room.length, chunk.length - at);
      room.set(chunk.subarray(at, at + count));
      at += count;
      this.took(count, receiver);
    }
  }

  /** Gives back what it has. */
  close(): void {
    if (this.#slab !== landing) this.#slab.release();
    this.#slab = landing;
    this.#start = 0;
    this.#end = 0;
  }

  #startOver(isBusy: boolean): void {
    this.#start = 0;
    this.#end = 0;
    const slab = this.#slab;
    if (isBusy && slab.bytes.length === busySlabBytes && slab.isHeldOnce) return;
    if (slab !== landing) slab.release();
    this.#slab = isBusy ? busySlabs.take() : landing;
  }

  #keepRest(used: number, end: number, isBusy: boolean, wantedBytes: number): void {
    const slab = this.#slab;
    const room = slab.bytes.length - end;
    const isEnough =
      slab !== landing && room >= (isBusy ? minReadBytes : 1) && room >= wantedBytes - (end - used);
    if (isEnough) {
      this.#start = used;
      this.#end = end;
      return;
    }
    this.#moveRest(slab, used, end, isBusy ? Math.max(wantedBytes, busySlabBytes) : wantedBytes);
    if (slab !== landing) slab.release();
  }

  /** Moves the rest to other memory: for `wantedBytes`, but at most twice what has really come. */
  #moveRest(from: Slab, used: number, end: number, wantedBytes: number): void {
    const rest = end - used;
    const bytes = Math.max(Math.min(wantedBytes, rest * 2), rest + 4096);
    const isPooled =
      wantedBytes === busySlabBytes || (bytes > busySlabBytes / 4 && bytes <= busySlabBytes);
    const slab = isPooled ? busySlabs.take() : new Slab(new Uint8Array(bytes));
    slab.bytes.set(from.bytes.subarray(used, end));
    this.#slab = slab;
    this.#start = 0;
    this.#end = rest;
  }
}
