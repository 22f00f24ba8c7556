import { Slab, SlabPool } from "../base/index.ts";

/** What memory is filled with once nobody may look at it any more. */
const scrambledByte = 0xdd;

/**
 * A pool that overwrites each slab as soon as its last holder let go, so that who reads on reads
 * nonsense, and that counts what it lent.
 */
export class ScramblingPool extends SlabPool {
  /** Slabs that somebody holds. */
  lent = 0;
  /** Slabs that were let go more often than held. */
  returnedTwice = 0;
  readonly #out = new Set<Slab>();

  override take(): Slab {
    const slab = super.take();
    this.#note(slab);
    return slab;
  }

  /** A slab of this pool around given bytes; it is not used again. */
  wrap(bytes: Uint8Array, options: { mustCopy?: boolean } = {}): Slab {
    const slab = new Slab(bytes, { ...options, pool: this });
    this.#note(slab);
    return slab;
  }

  #note(slab: Slab): void {
    this.lent++;
    this.#out.add(slab);
  }

  override give(slab: Slab): void {
    if (!this.#out.delete(slab)) this.returnedTwice++;
    else this.lent--;
    slab.bytes.fill(scrambledByte);
    if (slab.bytes.length === this.slabBytes && !slab.mustCopy) super.give(slab);
  }
}
