/** Randomness as the library sees it; seeded in tests and in the simulator. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** `length` random bytes. From the system source they are fit for keys. */
  bytes(length: number): Uint8Array;
}

/** The machine's cryptographic source. */
export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
