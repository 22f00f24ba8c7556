import { addressGroup, isLoopbackAddress } from "./address.ts";

export interface AdmissionLimits {
  /** Connections of all protocols together. */
  readonly maxConnections: number;
  /** Connections from one address, or one IPv6 network of /64; this machine itself has no such limit. */
  readonly maxPerAddress: number;
}

/** One admitted connection. `leave` must be called once. */
export interface Admitted {
  readonly address: string;
  leave(): void;
}

/** All connections from one address. It is its own ticket: leaving counts down, and all share its string. */
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

/** A connection from an address that is counted together with others. */
class Guest implements Admitted {
  readonly address: string;
  readonly #group: Visitor;

  constructor(address: string, group: Visitor) {
    this.address = address;
    this.#group = group;
  }

  leave(): void {
    this.#group.leave();
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

  /** Admits a connection from `address`, or says why not. */
  admit(address: string): Admitted | "full" | "too-many" {
    if (this.#count >= this.#limits.maxConnections) return "full";
    const group = addressGroup(address);
    let visitor = this.#visitors.get(group);
    if (visitor === undefined) {
      visitor = new Visitor(group, (leaving) => this.#leave(leaving));
      this.#visitors.set(group, visitor);
    }
    if (visitor.isLimited && visitor.count >= this.#limits.maxPerAddress) return "too-many";
    visitor.count++;
    this.#count++;
    return group === address ? visitor : new Guest(address, visitor);
  }

  #leave(visitor: Visitor): void {
    this.#count--;
    if (--visitor.count === 0) this.#visitors.delete(visitor.address);
  }
}
