/** Sub-buckets per power of two: a value is known to within 1/128 of itself. */
const SUB_BITS = 7;
const SUB_COUNT = 1 << SUB_BITS;
const BUCKET_COUNT = SUB_COUNT * 42;

/** A histogram as plain data, to be sent between processes: [bucket, count] pairs and the extremes. */
export interface HistogramData {
  readonly buckets: readonly (readonly [number, number])[];
  readonly max: number;
  readonly min: number;
}

/**
 * Counts of non-negative values in buckets whose width grows with the value, after Gil Tene's
 * HdrHistogram: values below 128 are exact, larger ones are known to within 0.8 %, up to 2^48.
 * Recording allocates nothing.
 */
export class Histogram {
  readonly #counts: Float64Array = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #max = 0;
  #min = Number.POSITIVE_INFINITY;

  /** Counts one value. Fractions are cut off; negative values count as 0. */
  record(value: number): void {
    const whole = value > 0 ? Math.floor(value) : 0;
    const index = indexOf(whole);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    if (whole > this.#max) this.#max = whole;
    if (whole < this.#min) this.#min = whole;
  }

  /** How many values were recorded. */
  get count(): number {
    return this.#count;
  }

  /** The largest value, exactly; 0 when empty. */
  get max(): number {
    return this.#max;
  }

  /** The smallest value, exactly; 0 when empty. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  /**
   * The value that `percent` of the recorded values do not exceed, rounded up to its bucket's end and
   * never above the maximum; 0 when empty.
   */
  percentile(percent: number): number {
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (let index = 0; index < BUCKET_COUNT; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= wanted) return Math.min(endOf(index), this.#max);
    }
    return this.#max;
  }

  /** Adds what another histogram counted. */
  add(other: HistogramData): void {
    for (const [index, count] of other.buckets) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count;
      this.#count += count;
    }
    this.#max = Math.max(this.#max, other.max);
    if (other.buckets.length > 0) this.#min = Math.min(this.#min, other.min);
  }

  /** The histogram as plain data. */
  toData(): HistogramData {
    const buckets: [number, number][] = [];
    for (let index = 0; index < BUCKET_COUNT; index += 1) {
      const count = this.#counts[index] ?? 0;
      if (count > 0) buckets.push([index, count]);
    }
    return { buckets, max: this.#max, min: this.min };
  }

  /** A histogram from plain data. */
  static from(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.add(data);
    return histogram;
  }
}

function indexOf(value: number): number {
  if (value < SUB_COUNT) return value;
  const exponent = Math.floor(Math.log2(value));
  // log2 of a value just below a power of two may round up to it.
  const power = value < 2 ** exponent ? exponent - 1 : exponent;
  const sub = Math.floor(value / 2 ** (power - SUB_BITS)) - SUB_COUNT;
  return Math.min(BUCKET_COUNT - 1, (power - SUB_BITS + 1) * SUB_COUNT + sub);
}

/** The largest whole value that falls into a bucket. */
function endOf(index: number): number {
  if (index < SUB_COUNT) return index;
  const power = Math.floor(index / SUB_COUNT) - 1;
  const sub = index % SUB_COUNT;
  return (SUB_COUNT + sub + 1) * 2 ** power - 1;
}
