import { OmnibusError } from "../../base/index.ts";
import { isLoopbackAddress } from "../address.ts";

const maxPending = 64;
const maxPendingPerAddress = 16;

/**
 * How many passwords are looked at, or wait for it, at the same time: 64, and 16 of one address, so that
 * one that tries many users does not keep others out. This machine has no limit of its own.
 */
export class PendingLogins {
  readonly #counts = new Map<string, number>();
  #count = 0;

  /** Throws `overloaded` if there are enough; else `leave` must be called once. */
  enter(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    const isCrowded = count >= maxPendingPerAddress && !isLoopbackAddress(address);
    if (isCrowded || this.#count >= maxPending) {
      throw new OmnibusError("overloaded", "too many logins at once");
    }
    this.#count++;
    this.#counts.set(address, count + 1);
  }

  leave(address: string): void {
    this.#count--;
    const left = (this.#counts.get(address) ?? 1) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }
}
