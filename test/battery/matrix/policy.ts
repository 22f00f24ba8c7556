/**
 * Who may do what in the matrix of authentication, said once more and in another way than the server
 * does: topics are few, and a pattern is what it matches of them.
 */

/** Every topic that there is. */
export const topics: readonly string[] = [
  "a/x",
  "a/secret",
  "a/deep/x",
  "b/x",
  "own/x",
  "open/x",
  "open/hidden",
  "$sys/x",
];

/** Matches what is denied within what is allowed, and nothing else of that. */
export const mixedPattern = "*/secret";

/** What is subscribed to. */
export const patterns: readonly string[] = [
  ...topics,
  "**",
  "a/*",
  "a/**",
  "open/*",
  "$sys/*",
  mixedPattern,
];

export interface Rights {
  /** Absent: everything but the system's topics. */
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

export type Verb = "publish" | "subscribe";

/** By segments; `*` one, `**` the rest; a wildcard in first place is not for the system. */
export function matches(pattern: string, topic: string): boolean {
  const wanted = pattern.split("/");
  const given = topic.split("/");
  if (given[0]?.startsWith("$") === true && wanted[0]?.startsWith("*") === true) return false;
  for (const [at, segment] of wanted.entries()) {
    if (segment === "**") return given.length > at;
    if (given[at] === undefined || (segment !== "*" && segment !== given[at])) return false;
  }
  return wanted.length === given.length;
}

/** The one policy: whether somebody with these rights may do that at a topic. */
export function may(rights: readonly Rights[], verb: Verb, topic: string): boolean {
  const lists = rights.flatMap((one) => (one[verb] === undefined ? [] : [one[verb]]));
  if (lists.length === 0) return !topic.startsWith("$");
  const all = lists.flat();
  const isDenied = all.some((entry) => entry.startsWith("!") && matches(entry.slice(1), topic));
  return !isDenied && all.some((entry) => matches(entry, topic));
}

/** What a subscriber to a pattern is to hear of; a pattern of nothing is refused. */
export function readable(rights: readonly Rights[], pattern: string): string[] {
  return topics.filter((topic) => matches(pattern, topic) && may(rights, "subscribe", topic));
}
