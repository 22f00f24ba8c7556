import { isPattern } from "./topic.ts";

/** What is stored below one sequence of segments, of which some may be `*`. */
interface Branch<T> {
  /** Items of the pattern that ends here. */
  items: Set<T> | undefined;
  /** Items of the pattern that goes on with `**`. */
  rest: Set<T> | undefined;
  star: Branch<T> | undefined;
  named: Map<string, Branch<T>> | undefined;
}

/**
 * Items under topics and patterns, found by the topics that match. All names given must be valid
 * (`checkPattern`). Names without wildcards lie in one map, the others in a tree of their segments;
 * a look-up visits no more branches than the tree has, and never recurses.
 */
export class TopicTrie<T> {
  readonly #exact = new Map<string, Set<T>>();
  #root: Branch<T> = newBranch();
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
    const items = isPattern(pattern) ? this.#itemsInTree(pattern) : this.#exactItems(pattern);
    if (items.has(item)) return false;
    items.add(item);
    this.#size++;
    this.#version++;
    return true;
  }

  /** Takes `item` from under `pattern`; returns false, and changes nothing, if it is not there. */
  delete(pattern: string, item: T): boolean {
    const isDeleted = isPattern(pattern)
      ? this.#deleteInTree(pattern, item)
      : this.#deleteExact(pattern, item);
    if (!isDeleted) return false;
    this.#size--;
    this.#version++;
    return true;
  }

  /** The items of all patterns that match `topic`, each item once per pattern, in no certain order. */
  match(topic: string): T[] {
    const found: T[] = [];
    pushAll(found, this.#exact.get(topic));
    if (isEmpty(this.#root)) return found;
    const isSystem = topic.startsWith("$");
    let level: Branch<T>[] = [this.#root];
    for (const [index, segment] of topic.split("/").entries()) {
      const next: Branch<T>[] = [];
      for (const branch of level) {
        const named = branch.named?.get(segment);
        if (named !== undefined) next.push(named);
        if (index === 0 && isSystem) continue;
        pushAll(found, branch.rest);
        if (branch.star !== undefined) next.push(branch.star);
      }
      if (next.length === 0) return found;
      level = next;
    }
    for (const branch of level) pushAll(found, branch.items);
    return found;
  }

  /** All stored pairs of pattern and item, in no certain order. */
  *[Symbol.iterator](): IterableIterator<[pattern: string, item: T]> {
    for (const [pattern, items] of this.#exact) yield* pairs(pattern, items);
    const open: [prefix: string, branch: Branch<T>][] = [["", this.#root]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [prefix, branch] = next;
      yield* pairs(prefix.slice(0, -1), branch.items);
      yield* pairs(`${prefix}**`, branch.rest);
      if (branch.star !== undefined) open.push([`${prefix}*/`, branch.star]);
      for (const [segment, child] of branch.named ?? []) open.push([`${prefix}${segment}/`, child]);
    }
  }

  #exactItems(topic: string): Set<T> {
    const known = this.#exact.get(topic);
    if (known !== undefined) return known;
    const items = new Set<T>();
    this.#exact.set(topic, items);
    return items;
  }

  #deleteExact(topic: string, item: T): boolean {
    const items = this.#exact.get(topic);
    if (items?.delete(item) !== true) return false;
    if (items.size === 0) this.#exact.delete(topic);
    return true;
  }

  #itemsInTree(pattern: string): Set<T> {
    let branch = this.#root;
    for (const segment of pattern.split("/")) {
      if (segment === "**") return (branch.rest ??= new Set());
      branch = childOf(branch, segment) ?? growChild(branch, segment);
    }
    return (branch.items ??= new Set());
  }

  #deleteInTree(pattern: string, item: T): boolean {
    const segments = pattern.split("/");
    const isOpen = segments.at(-1) === "**";
    if (isOpen) segments.pop();
    const path = [this.#root];
    let last = this.#root;
    for (const segment of segments) {
      const child = childOf(last, segment);
      if (child === undefined) return false;
      path.push(child);
      last = child;
    }
    const items = isOpen ? last.rest : last.items;
    if (items?.delete(item) !== true) return false;
    if (items.size === 0) {
      if (isOpen) last.rest = undefined;
      else last.items = undefined;
      prune(path, segments);
    }
    return true;
  }
}

function newBranch<T>(): Branch<T> {
  return { items: undefined, rest: undefined, star: undefined, named: undefined };
}

function isEmpty<T>({ items, rest, star, named }: Branch<T>): boolean {
  return items === undefined && rest === undefined && star === undefined && named === undefined;
}

function childOf<T>(branch: Branch<T>, segment: string): Branch<T> | undefined {
  return segment === "*" ? branch.star : branch.named?.get(segment);
}

function growChild<T>(branch: Branch<T>, segment: string): Branch<T> {
  const child = newBranch<T>();
  if (segment === "*") branch.star = child;
  else (branch.named ??= new Map()).set(segment, child);
  return child;
}

/** Cuts off what is empty, from the end of a path of branches; `segments` leads along it. */
function prune<T>(path: readonly Branch<T>[], segments: readonly string[]): void {
  for (let depth = segments.length; depth > 0; depth--) {
    const child = path[depth];
    const parent = path[depth - 1];
    const segment = segments[depth - 1];
    if (child === undefined || parent === undefined || segment === undefined) return;
    if (!isEmpty(child)) return;
    if (segment === "*") {
      parent.star = undefined;
    } else {
      parent.named?.delete(segment);
      if (parent.named?.size === 0) parent.named = undefined;
    }
  }
}

function pushAll<T>(found: T[], items: Set<T> | undefined): void {
  if (items === undefined) return;
  for (const item of items) found.push(item);
}

function* pairs<T>(pattern: string, items: Set<T> | undefined): IterableIterator<[string, T]> {
  for (const item of items ?? []) yield [pattern, item];
}
