import { OmnibusError } from "../base/index.ts";
import { checkText, kindOf, maxValueDepth, Unsendable } from "./value-kind.ts";

const allowed =
  "null, undefined, boolean, number, bigint, string, Uint8Array, Date, arrays, plain objects, Map and Set";

/** The longest path that is told in full, in characters. */
const maxPathLength = 200;

/** A walk over a value, or over what is `depth` deep in one; throws at what cannot travel. */
type Walk = (part: unknown, depth: number) => void;

/** A part of a container at which a walk fails. */
interface Failure {
  /** The way to the part from its container, such as `.name` or `[3]`. */
  readonly step: string;
  /** The part itself; undefined if it could not be read. */
  readonly part: unknown;
  readonly error: unknown;
}

/**
 * What is to be thrown after `walk` over `value` has thrown `error`: one of our own errors as it is, any
 * other as a `bad-value` with the path of what cannot travel. Walks keep no path: the parts are walked over
 * once more, one by one, to find the one that fails. So the getters of what cannot travel are called again.
 */
export function asBadValue(error: unknown, value: unknown, walk: Walk): OmnibusError {
  if (error instanceof OmnibusError) return error;
  const containers: unknown[] = [];
  let path = "";
  let reason = error;
  let part = value;
  while (!containers.includes(part)) {
    const failure = findFailure(part, containers.length, walk);
    if (failure === undefined) return badValue(reason, path);
    containers.push(part);
    path += failure.step;
    reason = failure.error;
    part = failure.part;
  }
  return badValue(new Unsendable("a reference to what contains it"), path);
}

/** The first part of `whole` at which `walk` fails; undefined if it is `whole` itself that cannot travel. */
function findFailure(whole: unknown, depth: number, walk: Walk): Failure | undefined {
  if (depth >= maxValueDepth) return undefined;
  let step = "";
  let part: unknown;
  try {
    for (const [name, read] of partsOf(whole)) {
      step = name;
      part = undefined;
      part = read();
      walk(part, depth + 1);
    }
  } catch (error) {
    if (step !== "") return { step, part, error };
  }
  return undefined;
}

/** What `whole` is made of, in the order of a walk. Throws what is thrown when it is looked at. */
function* partsOf(whole: unknown): Generator<[step: string, read: () => unknown]> {
  if (typeof whole !== "object" || whole === null) return;
  const kind = kindOf(whole);
  let index = 0;
  if (kind === "array" || kind === "set") {
    const items = kind === "array" ? "" : ".values()";
    for (const item of whole as Iterable<unknown>) yield [`${items}[${index++}]`, () => item];
  } else if (kind === "map") {
    for (const [key, item] of whole as Map<unknown, unknown>) {
      yield [`.keys()[${index}]`, () => key];
      yield [entryStep(key, index++), () => item];
    }
  } else if (kind === "object") {
    for (const name of Object.keys(whole)) {
      const read = (): unknown => {
        checkText(name);
        return (whole as Record<string, unknown>)[name];
      };
      yield [fieldStep(name), read];
    }
  }
}

/** What getters and proxies throw is a reason why their object cannot travel. */
function badValue(reason: unknown, path: string): OmnibusError {
  const where = path === "" ? "" : `, at ${shorten(path.replace(/^\./, ""))}`;
  const isOurs = reason instanceof Unsendable;
  const text = reason instanceof Error ? reason.message : String(reason);
  const what = isOurs ? text : `a field that throws (${text})`;
  return new OmnibusError(
    "bad-value",
    `${what} cannot travel${where}; allowed are ${allowed}`,
    isOurs ? undefined : { cause: reason },
  );
}

/** The step to an object's field: `.name`, or `["two words"]`. */
function fieldStep(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `.${name}`
    : `[${JSON.stringify(name)}]`;
}

/** The step to the value of a map's `index`th entry: `.get("key")`, or by number for unusual keys. */
function entryStep(key: unknown, index: number): string {
  if (typeof key === "string") return `.get(${JSON.stringify(key)})`;
  return typeof key === "number" ? `.get(${key})` : `.values()[${index}]`;
}

function shorten(path: string): string {
  if (path.length <= maxPathLength) return path;
  return `${path.slice(0, maxPathLength / 2)}...${path.slice(-maxPathLength / 2)}`;
}
