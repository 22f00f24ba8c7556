import { type Realm, realmNumber } from "../base/index.ts";
import { maxHops, scopeRealmShift, scopeWaitFlag } from "../wire/index.ts";

/** How far a run goes and what a full queue does to it: the `scope` byte. [WIRE-4.2] */
export function scopeOf(realm: Realm, isPatient: boolean): number {
  return maxHops | (realmNumber(realm) << scopeRealmShift) | (isPatient ? scopeWaitFlag : 0);
}
