import { OmnibusError } from "../base/index.ts";

const allowed =
  "null, undefined, boolean, number, bigint, string, Uint8Array, Date, arrays, plain objects, Map and Set";

/** The longest path that is told in full, in characters. */
const maxPathLength = 200;

/**
 * What is thrown inside a walk over a value when it meets something that cannot travel. On its way out
 * each container adds its step, and whoever began the walk makes a `bad-value` of it.
 */
export class Unsendable extends Error {
  readonly what: string;
  /** The container that was one too deep, to find out whether it is inside itself. */
  readonly container: object | undefined;
  /** From the inside out. */
  readonly #steps: string[] = [];
  /** How many steps had been added when the walk came out of `container` again. */
  readonly #returns: number[] = [0];

  constructor(what: string, options: { container?: object; cause?: unknown } = {}) {
    super(what, "cause" in options ? { cause: options.cause } : undefined);
    this.what = what;
    this.container = options.container;
  }

  /** Adds that it happened inside `container`, at `step`, such as `.name` or `[3]`. */
  within(container: object, step: string): this {
    this.#steps.push(step);
    if (container === this.container) this.#returns.push(this.#steps.length);
    return this;
  }

  toBadValue(): OmnibusError {
    const isCycle = this.#returns.length > 1;
    const steps = isCycle ? this.#steps.slice(this.#returns.at(-2)) : this.#steps;
    const path = steps.toReversed().join("").replace(/^\./, "");
    const what = isCycle ? "a reference to what contains it" : this.what;
    const where = path === "" ? "" : `, at ${shorten(path)}`;
    const options = this.cause === undefined ? undefined : { cause: this.cause };
    return new OmnibusError(
      "bad-value",
      `${what} cannot travel${where}; allowed are ${allowed}`,
      options,
    );
  }
}

/** The error of a container's item, with that item's step added. */
export function withStep(error: unknown, container: object, step: string): unknown {
  if (error instanceof OmnibusError) return error;
  return asUnsendable(error).within(container, step);
}

/** What is to be thrown at the end of a walk. */
export function asBadValue(error: unknown): OmnibusError {
  return error instanceof OmnibusError ? error : asUnsendable(error).toBadValue();
}

/** Errors that getters and proxies throw become a reason why their object cannot travel. */
function asUnsendable(error: unknown): Unsendable {
  if (error instanceof Unsendable) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Unsendable(`a field that throws (${text})`, { cause: error });
}

/** The step to an object's field: `.name`, or `["two words"]`. */
export function fieldStep(name: string | undefined): string {
  if (name === undefined) return "";
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `.${name}`
    : `[${JSON.stringify(name)}]`;
}

/** The step to the value of a map's `index`th entry: `.get("key")`, or by number for unusual keys. */
export function entryStep(key: unknown, index: number): string {
  if (typeof key === "string") return `.get(${JSON.stringify(key)})`;
  return typeof key === "number" ? `.get(${key})` : `.values()[${index}]`;
}

function shorten(path: string): string {
  if (path.length <= maxPathLength) return path;
  return `${path.slice(0, maxPathLength / 2)}...${path.slice(-maxPathLength / 2)}`;
}
