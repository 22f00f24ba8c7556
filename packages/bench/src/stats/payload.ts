import { faultsOf, SequenceChecker } from "./sequence-checker.ts";

/**
 * Payloads of the benchmarks: 8 bytes sequence number (little-endian), a filler that depends on the
 * position only, and in the last 4 bytes the low half of the number again, inverted, so that a
 * payload put together from two others is found out.
 */
export const MIN_PAYLOAD_BYTES = 12;

const SEQUENCE_BYTES = 8;
const TAIL_BYTES = 4;
const TWO_TO_32 = 2 ** 32;
/** Up to here a loop is faster than a call into C. */
const LOOP_BYTES = 64;
/** A prime, so that a sample meets every topic and every place of a run. */
const SAMPLE_EVERY = 61;

/** Writes the payload of a sequence number into `target`, filler included. */
export function fillPayload(target: Uint8Array, sequence: number): void {
  if (target.length > LOOP_BYTES) target.set(fillerOf(target.length));
  else writeFiller(target);
  stamp(target, sequence);
}

/** The sequence number in a payload's first 8 bytes. */
export function sequenceOf(payload: Uint8Array): number {
  return readLow(payload, 0) + readLow(payload, 4) * TWO_TO_32;
}

/** Whether every byte of a payload is what its sequence number calls for. */
export function isIntact(payload: Uint8Array, size: number): boolean {
  if (payload.length !== size) return false;
  if (readLow(payload, size - TAIL_BYTES) !== ~readLow(payload, 0) >>> 0) return false;
  if (size > LOOP_BYTES) {
    const end = size - TAIL_BYTES;
    const filler = fillerOf(size);
    return filler.compare(payload, SEQUENCE_BYTES, end, SEQUENCE_BYTES, end) === 0;
  }
  for (let index = SEQUENCE_BYTES; index < size - TAIL_BYTES; index += 1) {
    if (payload[index] !== fillerAt(index)) return false;
  }
  return true;
}

/**
 * A ring of payloads made once, so that the benchmark measures the bus and not malloc. A payload is
 * written again after `slots` more, by when it must have been copied or delivered: the window of the
 * run is smaller than the ring.
 */
export class PayloadRing {
  readonly #slots: Uint8Array[] = [];
  #at = 0;

  constructor(size: number, slots: number) {
    if (size < MIN_PAYLOAD_BYTES)
      throw new RangeError(`a payload has at least ${MIN_PAYLOAD_BYTES} B`);
    const slab = Buffer.alloc(size * slots);
    for (let slot = 0; slot < slots; slot += 1) {
      const payload = slab.subarray(slot * size, (slot + 1) * size);
      fillPayload(payload, 0);
      this.#slots.push(payload);
    }
  }

  /** The next payload, stamped with a sequence number. */
  next(sequence: number): Uint8Array {
    const payload = this.#slots[this.#at];
    if (payload === undefined) throw new RangeError("an empty ring");
    this.#at = this.#at + 1 === this.#slots.length ? 0 : this.#at + 1;
    stamp(payload, sequence);
    return payload;
  }
}

/** Checks payloads as they arrive: the sequence number of each, every byte of one in 61. */
export class PayloadInspector {
  readonly #size: number;
  readonly #sequences: SequenceChecker = new SequenceChecker();
  #untilSample = 1;
  #corrupted = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes one payload; returns its sequence number. */
  inspect(payload: Uint8Array): number {
    const sequence = sequenceOf(payload);
    this.#sequences.accept(sequence);
    this.#untilSample -= 1;
    if (this.#untilSample === 0 || payload.length !== this.#size) {
      this.#untilSample = SAMPLE_EVERY;
      if (!isIntact(payload, this.#size)) this.#corrupted += 1;
    }
    return sequence;
  }

  /** How many payloads arrived. */
  get received(): number {
    return this.#sequences.received;
  }

  /**
   * What is wrong, in words, once `sent` are known to have been sent; empty when all is well. `told`
   * is how many the system said that it dropped.
   */
  faults(sent: number, told = 0): string[] {
    const faults = faultsOf(this.#sequences.verdict(sent), told);
    if (this.#corrupted > 0) faults.push(`${this.#corrupted} corrupted`);
    return faults;
  }
}

const fillers = new Map<number, Buffer>();

/** A payload to compare with; only its filler counts. */
function fillerOf(size: number): Buffer {
  const known = fillers.get(size);
  if (known !== undefined) return known;
  const made = Buffer.alloc(size);
  writeFiller(made);
  fillers.set(size, made);
  return made;
}

function writeFiller(target: Uint8Array): void {
  for (let index = SEQUENCE_BYTES; index < target.length - TAIL_BYTES; index += 1) {
    target[index] = fillerAt(index);
  }
}

function fillerAt(index: number): number {
  return (index * 31 + 7) & 0xff;
}

function stamp(target: Uint8Array, sequence: number): void {
  const low = sequence >>> 0;
  writeLow(target, 0, low);
  writeLow(target, 4, Math.floor(sequence / TWO_TO_32));
  writeLow(target, target.length - TAIL_BYTES, ~low);
}

function writeLow(target: Uint8Array, at: number, value: number): void {
  target[at] = value;
  target[at + 1] = value >>> 8;
  target[at + 2] = value >>> 16;
  target[at + 3] = value >>> 24;
}

function readLow(source: Uint8Array, at: number): number {
  const low = (source[at] ?? 0) | ((source[at + 1] ?? 0) << 8) | ((source[at + 2] ?? 0) << 16);
  return (low | ((source[at + 3] ?? 0) << 24)) >>> 0;
}
