/**
 * The order in which systems are measured: forwards, backwards, forwards, ... For two systems that is
 * AB BA AB; for more, every pair of them is interleaved that way, and a drift of the machine moves
 * all alike. Samples of one round form the pairs.
 */
export function palindromicOrder<T>(systems: readonly T[], rounds: number): T[][] {
  return Array.from({ length: rounds }, (_, round) =>
    round % 2 === 0 ? [...systems] : systems.toReversed(),
  );
}
