import { crc32, OmnibusError, Slab } from "../base/index.ts";
import type { Address } from "./address.ts";
import { type AddressList, endOfGroup } from "./address-list.ts";
import { BodyReader } from "./body.ts";
import { bodyHashBytes } from "./sizes.ts";
import { writeHash } from "./frame.ts";
import { bodyProducerFlag } from "./record-flags.ts";
import type { RunHeader } from "./run-header.ts";
import { writePaddedVarint } from "./varint.ts";

/** A body's flags byte and its count at the width it is written with. */
const countWidth = 2;
const leastHeadBytes = 1 + countWidth;

/** The records in a row of a run for several that go to one address, as a body of their own. */
export interface SplitRun {
  readonly address: Address;
  readonly slab: Slab;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/**
 * Cuts a run for several addresses into runs of one address each, in order: what must be done where its
 * addresses are to be treated differently. [WIRE-4.5] Throws `bad-run` if the body is malformed, has a
 * producer, or does not have as many records as there are addresses.
 */
export function splitRun(
  list: AddressList,
  bytes: Uint8Array,
  bodyStart: number,
  bodyEnd: number,
): SplitRun[] {
  const reader = new BodyReader();
  reader.open(bytes, bodyStart, bodyEnd, list.length);
  // It would be the id of each of the bodies, and a log would take the second for the first.
  if ((reader.bodyFlags & bodyProducerFlag) !== 0)
    throw new OmnibusError("bad-run", "a run for several addresses has a producer");
  const head = bytes.subarray(reader.headStart, reader.headEnd);
  const perGroup = leastHeadBytes + head.length + bodyHashBytes;
  const slab = new Slab(new Uint8Array(bodyEnd - bodyStart + perGroup * list.length));
  const out = slab.bytes;
  const runs: SplitRun[] = [];
  let at = 0;
  for (let first = 0; first < list.length;) {
    const end = endOfGroup(list, first);
    const start = at;
    out[at] = bytes[bodyStart] as number;
    writePaddedVarint(out, at + 1, end - first, countWidth);
    at += leastHeadBytes;
    out.set(head, at);
    at += head.length;
    const recordsStart = reader.at;
    for (let n = first; n < end; n++) reader.next();
    out.set(bytes.subarray(recordsStart, reader.at), at);
    at += reader.at - recordsStart;
    at = writeHash(out, at, crc32(out, start, at));
    runs.push({ address: list.at(first), slab, bodyStart: start, bodyEnd: at });
    first = end;
  }
  reader.next();
  return runs;
}

/** Makes `header` that of `run`, which was cut from the run of `whole`: with its source and scope, and what is passed on. */
export function becomeSplit(header: RunHeader, whole: RunHeader, run: SplitRun): void {
  header.bytes = run.slab.bytes;
  header.source = whole.source;
  header.scope = whole.scope;
  header.more = whole.passedOn;
  header.bodyStart = run.bodyStart;
  header.bodyEnd = run.bodyEnd;
  header.end = run.bodyEnd;
  header.forgetFrame();
}
