/** How far an interest or a message may go, from near to far. */
export type Realm = "process" | "user" | "lan" | "global";

/** The realms in order; a realm's place is its number on the wire. */
export const realms: readonly Realm[] = ["process", "user", "lan", "global"];

/** The number of a realm on the wire, 0 (process) to 3 (global). */
export function realmNumber(realm: Realm): number {
  return realms.indexOf(realm);
}
