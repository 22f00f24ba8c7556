import type { Slab } from "../base/index.ts";
import type { Address, AddressList } from "../wire/index.ts";

interface Place {
  start: number;
  end: number;
}

/**
 * A run as it leaves this node, encoded once for all sessions that it goes to: the hop header in the
 * outbox's spool, the body behind it or in other memory. One object is used for all runs; what it says
 * holds until the next run is encoded.
 */
export class EncodedRun {
  address: Address | undefined;
  /** Where its records go, if that is several addresses and not `address`. */
  list: AddressList | undefined;
  source: Address | undefined;
  headerSlab: Slab;
  headerStart = 0;
  headerEnd = 0;
  bodySlab: Slab;
  bodyStart = 0;
  bodyEnd = 0;
  /** Its `scope` byte. [WIRE-4.2] */
  scope = 0;
  /** Messages in it, for counting drops. */
  messages = 0;
  /** Whether its publisher would rather wait than lose it. */
  isPatient = false;
  /** The frame hash before and after this run's header, as last worked out for a session. */
  crcBefore = -1;
  crcAfter = 0;
  /** Where alias runs for the address and the source stand in the spool, once some session needed them. */
  readonly addressAlias: Place = { start: 0, end: 0 };
  readonly sourceAlias: Place = { start: 0, end: 0 };

  constructor(slab: Slab) {
    this.headerSlab = slab;
    this.bodySlab = slab;
  }

  get byteLength(): number {
    return this.headerEnd - this.headerStart + this.bodyEnd - this.bodyStart;
  }

  /** Whether the body stands right behind the header. */
  get isContiguous(): boolean {
    return this.bodySlab === this.headerSlab && this.bodyStart === this.headerEnd;
  }
}
