import { isLoopbackAddress } from "./address.ts";

export interface AdmissionLimits {
  /** Connections of all protocols together. */
  readonly maxConnections: number;
  /** Connections from one address; this machine itself has no such limit. */
  readonly maxPerAddress: number;
}

/** One admitted connection. */
export interface Admitted {
  /** The address; the same string for all connections from it. */
  readonly address: string;
  leave(): void;
}

/** All connections from one address. It is its own ticket: leaving counts down. */
class Visitor implements Admitted {
  readonly address: string;
  readonly isLimited: boolean;
  count = 0;
  readonly #leave: (visitor: Visitor) => void;

  constructor(address: string, leave: (visitor: Visitor) => void) {
    this.address = address;
    this.isLimited = !isLoopbackAddress(address);
    this.#leave = leave;
  }

  leave(): void {
    this.#leave(this);
  }
}

/** Counts connections, and says when there are enough (DESIGN 13.9). */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #visitors = new Map<string, Visitor>();
  #count = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Admits a connection from `address`, or says why not. `leave` must be called once for each. */
  admit(address: string): Admitted | "full" | "too-many" {
    if (this.#count >= this.#limits.maxConnections) return "full";
    let visitor = this.#visitors.get(address);
    if (visitor === undefined) {
      visitor = new Visitor(address, (leaving) => this.#leave(leaving));
      this.#visitors.set(address, visitor);
    }
    if (visitor.isLimited && visitor.count >= this.#limits.maxPerAddress) return "too-many";
    visitor.count++;
    this.#count++;
    return visitor;
  }

  #leave(visitor: Visitor): void {
    this.#count--;
    if (--visitor.count === 0) this.#visitors.delete(visitor.address);
  }
}
