/**
 * A piece of memory that bytes are read into or gathered in, and that is used again once nobody needs
 * what is in it. Whoever takes one holds it; whoever else needs what is in it holds it too.
 */
export class Slab {
  readonly bytes: Uint8Array;
  /**
   * Its owner will overwrite it whatever happens: what is to outlive the present call must be copied.
   */
  readonly mustCopy: boolean;
  readonly #pool: SlabPool | undefined;
  #holders = 1;

  constructor(bytes: Uint8Array, options: { mustCopy?: boolean; pool?: SlabPool } = {}) {
    // Never a Buffer: its `slice` is a view and not a copy.
    this.bytes =
      bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.mustCopy = options.mustCopy ?? false;
    this.#pool = options.pool;
  }

  /** Whether only the one who took it holds it. */
  get isHeldOnce(): boolean {
    return this.#holders === 1;
  }

  hold(): void {
    this.#holders++;
  }

  /** Lets go. The last one to let go gives the slab back to its pool, if it has one. */
  release(): void {
    if (--this.#holders > 0) return;
    this.#holders = 1;
    this.#pool?.give(this);
  }
}

/** A bounded stock of equal slabs. More are made when it is empty; at most `maxKept` are kept. */
export class SlabPool {
  readonly slabBytes: number;
  readonly #free: Slab[] = [];
  readonly #maxKept: number;

  constructor(slabBytes: number, maxKept: number) {
    this.slabBytes = slabBytes;
    this.#maxKept = maxKept;
  }

  /** A slab that the caller holds, and nobody else. */
  take(): Slab {
    return this.#free.pop() ?? new Slab(new Uint8Array(this.slabBytes), { pool: this });
  }

  /** Takes back a slab that nobody holds. Called by the slab itself. */
  give(slab: Slab): void {
    if (this.#free.length < this.#maxKept) this.#free.push(slab);
  }
}
