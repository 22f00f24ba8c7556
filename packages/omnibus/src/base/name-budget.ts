import { OmnibusError } from "./errors.ts";
import { isPattern } from "./topic.ts";

/** What a name costs beside its characters: objects and places in tables. */
const costPerName = 64;
/** What each segment of a pattern with wildcards costs: a branch of a tree. */
const costPerBranch = 320;

/** Bytes that it takes, roughly, to remember that somebody gave a number to that name. */
export function nameCost(name: string): number {
  return costPerName + name.length;
}

/** Bytes that it takes, roughly, to remember that somebody wants what matches. */
export function patternCost(pattern: string): number {
  if (!isPattern(pattern)) return nameCost(pattern);
  let branches = 1;
  for (let at = pattern.indexOf("/"); at >= 0; at = pattern.indexOf("/", at + 1)) branches++;
  return nameCost(pattern) + branches * costPerBranch;
}

/** How much a neighbour may make us remember of names: those of its numbers and of its interests. [WIRE-7.4] */
export class NameBudget {
  usedBytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  hasRoomFor(bytes: number): boolean {
    return this.usedBytes + bytes <= this.#maxBytes;
  }

  /** Throws `too-many` where there is no room. */
  take(bytes: number): void {
    if (!this.hasRoomFor(bytes)) throw this.exceeded();
    this.usedBytes += bytes;
  }

  give(bytes: number): void {
    this.usedBytes -= bytes;
  }

  exceeded(): OmnibusError {
    return new OmnibusError(
      "too-many",
      `names that take more than ${this.#maxBytes} bytes; use fewer or shorter topics`,
    );
  }
}
