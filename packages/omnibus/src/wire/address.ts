/** What a message can be sent to. [WIRE-7.1] */
export type AddressKind = "topic" | "endpoint" | "node";

/** The kinds in the order of their numbers on the wire. */
export const addressKinds: readonly AddressKind[] = ["topic", "endpoint", "node"];

const encoder = new TextEncoder();

/** An address with the number that this node gave it for all its sessions. */
export class Address {
  readonly number: number;
  readonly kind: AddressKind;
  /** A topic's name; the id of an endpoint or node in hexadecimal. */
  readonly name: string;
  /** The flush that it was last queued before; kept by the outbox, used when numbers run out. */
  lastUsedTick = 0;
  /** Its number was given to another address: who still holds this object asks for it by name again. */
  isRetired = false;
  /** What its node remembers of where it leads; for the node's use. */
  reach: unknown = undefined;
  /** The one that was published to after it last time; for `AddressGuess`. */
  next: Address | undefined = undefined;
  #nameBytes: Uint8Array | undefined;

  constructor(number: number, kind: AddressKind, name: string) {
    this.number = number;
    this.kind = kind;
    this.name = name;
  }

  /** The name as it stands in an alias run: UTF-8. */
  get nameBytes(): Uint8Array {
    this.#nameBytes ??= encoder.encode(this.name);
    return this.#nameBytes;
  }
}
