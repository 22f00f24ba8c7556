import type { OmnibusError } from "../base/index.ts";
import { maxVarintBytes } from "./sizes.ts";

const nothing = new Uint8Array(0);

/** A place in memory that moves on as numbers are read. What is wrong there, `error` says. */
export abstract class ByteReader {
  bytes: Uint8Array = nothing;
  /** Where the next byte stands. */
  at = 0;
  /** Where what may be read ends. */
  end = 0;

  /** A number up to 2^53 - 1 as LEB128, in up to 8 bytes. [WIRE-1.1] */
  varint(): number {
    const { bytes, at, end } = this;
    // Most take one byte or two.
    const first = bytes[at] as number;
    if (first < 0x80 && at < end) {
      this.at = at + 1;
      return first;
    }
    const second = bytes[at + 1] as number;
    if (second < 0x80 && at + 1 < end) {
      this.at = at + 2;
      return (first & 0x7f) | (second << 7);
    }
    return this.#longVarint();
  }

  #longVarint(): number {
    const { bytes, end } = this;
    let value = 0;
    let factor = 1;
    let { at } = this;
    for (let n = 0; n < maxVarintBytes; n++) {
      if (at >= end) throw this.error("is cut off");
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        this.at = at;
        return value;
      }
      factor *= 128;
    }
    throw this.error("has a number of more than 53 bits");
  }

  /** An error about what is being read; `what` goes on from its name, such as `is cut off`. */
  abstract error(what: string): OmnibusError;
}
