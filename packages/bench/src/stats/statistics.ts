/** A middle value with the smallest and the largest: nothing is thrown out. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** The median; the mean of the two middle values of an even number. Throws RangeError when empty. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("the median of no values");
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Median and range. Throws RangeError when empty. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length,
  };
}

/**
 * The spread of the ratios ours/theirs, round by round: what ran next to each other is compared, so
 * that a slow minute of the machine moves both. Both lists must be equally long.
 */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length)
    throw new RangeError("pairs need as many of ours as of theirs");
  return spreadOf(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
}

/** An interval that holds the true median with at least the probability that was asked for. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** The probability that order statistics of this many values really give. */
  readonly confidence: number;
}

/**
 * A confidence interval of the median from order statistics (binomial, no assumption about the
 * distribution): the narrowest symmetric pair of sorted values with at least `confidence`. With too
 * few values for that, the whole range with what it gives.
 */
export function medianInterval(values: readonly number[], confidence = 0.9): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  if (last < 0) throw new RangeError("the interval of no values");
  for (let cut = Math.floor(last / 2); cut >= 0; cut -= 1) {
    const reached = 1 - 2 * binomialBelow(sorted.length, cut);
    if (reached >= confidence || cut === 0) {
      return {
        low: sorted[cut] ?? Number.NaN,
        high: sorted[last - cut] ?? Number.NaN,
        confidence: reached,
      };
    }
  }
  throw new RangeError("unreachable: cut 0 always returns");
}

/** The probability that at most `most` of `count` fair coins show heads. */
function binomialBelow(count: number, most: number): number {
  let term = 0.5 ** count;
  let sum = term;
  for (let heads = 1; heads <= most; heads += 1) {
    term = (term * (count - heads + 1)) / heads;
    sum += term;
  }
  return sum;
}
