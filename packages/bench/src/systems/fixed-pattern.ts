import { fillPayload } from "../stats/payload.ts";
import { type Hole, skipHoles } from "./holes.ts";
import type { RawPublisher, RawReceiver, RawShape, RawSlice } from "./raw-protocol.ts";

/** At most so many different messages are made before they repeat. */
const MAX_DISTINCT = 1024;

/** How the messages of one direction of one protocol are written. */
export interface MessageForm {
  /** Names the form: patterns are remembered by it. */
  readonly name: string;
  /** The bytes of one message. For one size, all must be equally long. */
  encode(topic: string, topicIndex: number, payload: Uint8Array): Uint8Array;
  /** Places that the middle fills as it likes, such as its clock. Default: none. */
  holesOf?(message: Uint8Array): readonly Hole[];
}

/** The bytes of a number of messages that repeat for ever. */
interface Pattern {
  readonly bytes: Buffer;
  readonly messages: number;
  readonly messageBytes: number;
  readonly holes: readonly Hole[];
}

/** Bytes that may stand between two messages, such as a server's ping. */
export interface Interlude {
  readonly bytes: Uint8Array;
  /** Called each time it was read. */
  readonly onRead: () => void;
}

/** A publisher that writes the same messages, encoded once, over and over. */
export function repeatingPublisher(shape: RawShape, form: MessageForm): RawPublisher {
  const pattern = patternOf(shape, form);
  const perSlice = Math.max(1, Math.floor(shape.sliceBytes / shape.size));
  const slices: RawSlice[] = [];
  for (let first = 0; first < pattern.messages; first += perSlice) {
    const messages = Math.min(perSlice, pattern.messages - first);
    const start = first * pattern.messageBytes;
    slices.push({
      bytes: pattern.bytes.subarray(start, start + messages * pattern.messageBytes),
      messages,
    });
  }
  let at = 0;
  return {
    next(): RawSlice {
      const slice = slices[at];
      if (slice === undefined) throw new RangeError("an empty pattern");
      at = at + 1 === slices.length ? 0 : at + 1;
      return slice;
    },
  };
}

/**
 * A receiver that knows every byte that must come, because the middle passes the publisher's messages
 * on in a known form of fixed length: compares all of them, at the price of one memcmp per read.
 */
export function repeatingReceiver(
  shape: RawShape,
  form: MessageForm,
  interlude?: Interlude,
): RawReceiver {
  return new FixedPatternReceiver(patternOf(shape, form), interlude);
}

class FixedPatternReceiver implements RawReceiver {
  readonly #pattern: Pattern;
  readonly #interlude: Interlude | undefined;
  /** Place within the pattern. */
  #at = 0;
  #messageBytes = 0;
  #interludeAt = 0;
  #fault: string | undefined;

  constructor(pattern: Pattern, interlude: Interlude | undefined) {
    this.#pattern = pattern;
    this.#interlude = interlude;
  }

  get received(): number {
    return Math.floor(this.#messageBytes / this.#pattern.messageBytes);
  }

  push(chunk: Uint8Array): void {
    let from = this.#interludeAt > 0 ? this.#readInterlude(chunk, 0) : 0;
    while (from < chunk.length) from = this.#compare(chunk, from);
  }

  faults(sent: number): string[] {
    const faults: string[] = [];
    if (this.#fault !== undefined) faults.push(this.#fault);
    if (this.received < sent) faults.push(`${sent - this.received} lost`);
    if (this.received > sent) faults.push(`${this.received - sent} unexpected`);
    if (this.#messageBytes % this.#pattern.messageBytes !== 0) faults.push("1 cut off");
    return faults;
  }

  /** Compares up to the pattern's or the chunk's end; returns where to go on. */
  #compare(chunk: Uint8Array, from: number): number {
    const { bytes } = this.#pattern;
    const most = Math.min(bytes.length - this.#at, chunk.length - from);
    const length = this.#pattern.holes.length === 0 ? most : this.#skipHoles(chunk, from, most);
    if (length === 0) return this.#readInterlude(chunk, from);
    const order = bytes.compare(chunk, from, from + length, this.#at, this.#at + length);
    const same = order === 0 ? length : this.#sameUntil(chunk, from, length);
    this.#advance(same);
    if (same === length) return from + length;
    const isBoundary = this.#messageBytes % this.#pattern.messageBytes === 0;
    if (isBoundary && this.#interlude?.bytes[0] === chunk[from + same]) {
      return this.#readInterlude(chunk, from + same);
    }
    this.#fault ??= `corrupted or lost at message ${this.received}`;
    this.#advance(length - same);
    return from + length;
  }

  /** Makes the holes like the pattern; gives how far that goes, which is up to an interlude. */
  #skipHoles(chunk: Uint8Array, from: number, length: number): number {
    const range = { from, length, offset: this.#at % this.#pattern.messageBytes };
    const stop = this.#interlude?.bytes[0];
    const { reached, fault } = skipHoles(chunk, range, this.#pattern, stop);
    if (fault !== undefined) this.#fault ??= `${fault} at message ${this.received}`;
    return reached;
  }

  #advance(count: number): void {
    this.#messageBytes += count;
    this.#at += count;
    if (this.#at === this.#pattern.bytes.length) this.#at = 0;
  }

  #sameUntil(chunk: Uint8Array, from: number, length: number): number {
    const { bytes } = this.#pattern;
    let same = 0;
    while (same < length && bytes[this.#at + same] === chunk[from + same]) same += 1;
    return same;
  }

  #readInterlude(chunk: Uint8Array, start: number): number {
    const interlude = this.#interlude;
    if (interlude === undefined) return start;
    let from = start;
    while (from < chunk.length && this.#interludeAt < interlude.bytes.length) {
      if (chunk[from] !== interlude.bytes[this.#interludeAt]) this.#fault ??= "unknown bytes";
      from += 1;
      this.#interludeAt += 1;
    }
    if (this.#interludeAt === interlude.bytes.length) {
      this.#interludeAt = 0;
      interlude.onRead();
    }
    return from;
  }
}

const patterns = new Map<string, Pattern>();

/** The pattern of a shape; made once, so that a thousand receivers share it. */
function patternOf(shape: RawShape, form: MessageForm): Pattern {
  const key = `${form.name} ${shape.size} ${shape.topics.length}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const made = makePattern(shape, form);
  patterns.set(key, made);
  return made;
}

function makePattern({ size, topics }: RawShape, form: MessageForm): Pattern {
  // Every topic once, or enough messages for 1 MiB of one topic.
  const messages =
    topics.length > 1
      ? topics.length
      : Math.max(16, Math.min(MAX_DISTINCT, Math.floor((1024 * 1024) / size)));
  const parts: Uint8Array[] = [];
  const payload = new Uint8Array(size);
  for (let index = 0; index < messages; index += 1) {
    fillPayload(payload, index);
    const topicIndex = index % topics.length;
    parts.push(Uint8Array.from(form.encode(topics[topicIndex] ?? "", topicIndex, payload)));
  }
  const messageBytes = parts[0]?.length ?? 0;
  if (parts.some((part) => part.length !== messageBytes)) {
    throw new RangeError("the messages of a pattern must be equally long");
  }
  const holes = parts[0] === undefined ? [] : (form.holesOf?.(parts[0]) ?? []);
  return { bytes: Buffer.concat(parts), messages, messageBytes, holes };
}
