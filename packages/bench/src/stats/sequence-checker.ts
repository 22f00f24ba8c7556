/** What was wrong with a history of sequence numbers; all zero for a clean one. */
export interface SequenceVerdict {
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Numbers that were never sent. */
  readonly unexpected: number;
}

/**
 * Checks that the numbers 0, 1, 2, ... arrive once each and in order. The clean case is one compare.
 * Numbers that were skipped are remembered as gaps: a late one counts as reordered, not as lost.
 */
export class SequenceChecker {
  #next = 0;
  #received = 0;
  #duplicated = 0;
  #reordered = 0;
  #unexpected = 0;
  /** Skipped ranges, [first, end), in growing order. */
  readonly #gaps: [number, number][] = [];

  /** Takes the next number that arrived. */
  accept(sequence: number): void {
    this.#received += 1;
    if (sequence === this.#next) {
      this.#next += 1;
      return;
    }
    this.#acceptOdd(sequence);
  }

  /** How many numbers arrived. */
  get received(): number {
    return this.#received;
  }

  /** The verdict once `sent` numbers, 0 to sent - 1, are known to have been sent. */
  verdict(sent: number): SequenceVerdict {
    let lost = 0;
    for (const [first, end] of this.#gaps) lost += Math.min(end, sent) - Math.min(first, sent);
    lost += Math.max(0, sent - this.#next);
    const beyond = Math.max(0, this.#next - sent);
    return {
      received: this.#received,
      lost,
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      unexpected: this.#unexpected + beyond,
    };
  }

  #acceptOdd(sequence: number): void {
    if (!Number.isSafeInteger(sequence) || sequence < 0) {
      this.#unexpected += 1;
      return;
    }
    if (sequence > this.#next) {
      this.#gaps.push([this.#next, sequence]);
      this.#next = sequence + 1;
      return;
    }
    if (this.#fill(sequence)) this.#reordered += 1;
    else this.#duplicated += 1;
  }

  /** Takes a late number out of its gap; false if it was not missing. */
  #fill(sequence: number): boolean {
    const index = this.#gaps.findIndex(([first, end]) => sequence >= first && sequence < end);
    const gap = this.#gaps[index];
    if (gap === undefined) return false;
    const [first, end] = gap;
    const rest: [number, number][] = [];
    if (sequence > first) rest.push([first, sequence]);
    if (sequence + 1 < end) rest.push([sequence + 1, end]);
    this.#gaps.splice(index, 1, ...rest);
    return true;
  }
}

/**
 * The verdict in words, one entry per kind of fault; empty when the history is clean. `told` is how many
 * the system itself said that it dropped: exactly so many may be missing.
 */
export function faultsOf(verdict: SequenceVerdict, told = 0): string[] {
  const faults: string[] = [];
  if (verdict.lost !== told) {
    faults.push(told === 0 ? `${verdict.lost} lost` : `${verdict.lost} lost, ${told} told`);
  }
  if (verdict.duplicated > 0) faults.push(`${verdict.duplicated} duplicated`);
  if (verdict.reordered > 0) faults.push(`${verdict.reordered} reordered`);
  if (verdict.unexpected > 0) faults.push(`${verdict.unexpected} unexpected`);
  return faults;
}
