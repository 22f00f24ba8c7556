import { OmnibusError } from "../base/index.ts";
import { ByteWriter } from "../wire/index.ts";

/** What a neighbour wants of an address: hold it back, or go on. */
export type Congestion = "hold" | "go";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The content of a credit run: 1 byte (0 hold, 1 go), then the topic's name. [WIRE-10.1] */
export function encodeCredit(name: string, congestion: Congestion): Uint8Array {
  const writer = new ByteWriter(2048);
  writer.u8(congestion === "hold" ? 0 : 1);
  writer.utf8(name);
  return writer.view().slice();
}

/** Throws `bad-run`. */
export function decodeCredit(bytes: Uint8Array, start: number, end: number): { name: string; congestion: Congestion } {
  const state = bytes[start];
  if (end - start < 2 || end - start > 1025 || (state !== 0 && state !== 1)) {
    throw new OmnibusError("bad-run", "a credit run says neither hold nor go");
  }
  try {
    return { name: decoder.decode(bytes.subarray(start + 1, end)), congestion: state === 0 ? "hold" : "go" };
  } catch (cause) {
    throw new OmnibusError("bad-run", "the name in a credit run is not UTF-8", { cause });
  }
}

/** The content of a gap run: the address's number, and how many messages were dropped. [WIRE-10.3] */
export function encodeGap(number: number, count: number): Uint8Array {
  const writer = new ByteWriter(2048);
  writer.varint(number);
  writer.varint(count);
  return writer.view().slice();
}

/** Throws `bad-run`. */
export function decodeGap(bytes: Uint8Array, start: number, end: number): { number: number; count: number } {
  const values: number[] = [];
  let value = 0;
  let factor = 1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) {
      values.push(value);
      value = 0;
      factor = 1;
    }
  }
  const [number, count] = values;
  if (number === undefined || count === undefined || values.length > 2 || !Number.isSafeInteger(count)) {
    throw new OmnibusError("bad-run", "a gap run does not hold two numbers");
  }
  return { number, count };
}
