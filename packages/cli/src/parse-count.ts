import { InvalidArgumentError } from "commander";

/** Parses a whole number from `min` to `max`; without `max` there is no end. */
export function parseCount(min: number, max: number = Infinity): (text: string) => number {
  return (text) => {
    const count = Number(text);
    const isCount = /^\d+$/.test(text) && Number.isSafeInteger(count);
    if (isCount && count >= min && count <= max) return count;
    const range = max === Infinity ? `, at least ${min}` : ` from ${min} to ${max}`;
    throw new InvalidArgumentError(`It must be a whole number${range}.`);
  };
}
