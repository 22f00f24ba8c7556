import { isPattern } from "./topic.ts";

/** What is stored below one sequence of segments, of which some may be `*`. */
interface Branch<T> {
  /** How many patterns lead to it or through it: it is cut off with the last of them. */
  patterns: number;
  /** The items of the pattern that ends here. */
  items: Set<T> | undefined;
  /** The items of the pattern that goes on with `**`. */
  rest: Set<T> | undefined;
  /** The branches of the segments that follow, `*` among them. */
  next: Map<string, Branch<T>> | undefined;
}

/**
 * Items under topics and patterns, found by the topics that match. All names given must be valid
 * (`checkPattern`). All lie in one map, and patterns with wildcards also in a tree of their segments; a
 * look-up visits no more branches than the tree has, and never recurses.
 */
export class TopicTrie<T> {
  readonly #byName = new Map<string, Set<T>>();
  readonly #root: Branch<T> = newBranch();
  #size = 0;
  #version = 0;

  /** How many (pattern, item) pairs are stored. */
  get size(): number {
    return this.#size;
  }

  /** Grows with each change, so that what was found before can be kept until then. */
  get version(): number {
    return this.#version;
  }

  /** Stores `item` under `pattern`; returns false, and changes nothing, if it is there already. */
  add(pattern: string, item: T): boolean {
    let items = this.#byName.get(pattern);
    if (items?.has(item) === true) return false;
    if (items === undefined) {
      items = new Set();
      this.#byName.set(pattern, items);
      if (isPattern(pattern)) this.#settle(pattern, items);
    }
    items.add(item);
    this.#size++;
    this.#version++;
    return true;
  }

  /** Takes `item` from under `pattern`; returns false, and changes nothing, if it is not there. */
  delete(pattern: string, item: T): boolean {
    const items = this.#byName.get(pattern);
    if (items?.delete(item) !== true) return false;
    if (items.size === 0) {
      this.#byName.delete(pattern);
      if (isPattern(pattern)) this.#settle(pattern, undefined);
    }
    this.#size--;
    this.#version++;
    return true;
  }

  /** The items of all patterns that match `topic`, each item once per pattern, in no certain order. */
  match(topic: string): T[] {
    const found = [...(this.#byName.get(topic) ?? [])];
    if (this.#root.patterns === 0) return found;
    let level = [this.#root];
    let mayBeWild = !topic.startsWith("$");
    for (const segment of topic.split("/")) {
      const deeper: Branch<T>[] = [];
      for (const { next, rest } of level) {
        pushIfAny(deeper, next?.get(segment));
        if (!mayBeWild) continue;
        pushIfAny(deeper, next?.get("*"));
        pushAll(found, rest);
      }
      if (deeper.length === 0) return found;
      level = deeper;
      mayBeWild = true;
    }
    for (const { items } of level) pushAll(found, items);
    return found;
  }

  /** All stored pairs of pattern and item, in no certain order. */
  *[Symbol.iterator](): IterableIterator<[pattern: string, item: T]> {
    for (const [pattern, items] of this.#byName) for (const item of items) yield [pattern, item];
  }

  /** Puts the items of a pattern into the tree, or takes them out if there are none any more. */
  #settle(pattern: string, items: Set<T> | undefined): void {
    const change = items === undefined ? -1 : 1;
    let branch = this.#root;
    branch.patterns += change;
    for (const segment of pattern.split("/")) {
      if (segment === "**") {
        branch.rest = items;
        return;
      }
      branch.next ??= new Map();
      const child = branch.next.get(segment) ?? newBranch();
      child.patterns += change;
      if (child.patterns > 0) branch.next.set(segment, child);
      else branch.next.delete(segment);
      branch = child;
    }
    branch.items = items;
  }
}

function newBranch<T>(): Branch<T> {
  return { patterns: 0, items: undefined, rest: undefined, next: undefined };
}

function pushIfAny<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item);
}

function pushAll<T>(list: T[], items: ReadonlySet<T> | undefined): void {
  if (items !== undefined) for (const item of items) list.push(item);
}
