import { OmnibusError } from "../base/index.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the content of a run that is not a message, field by field. All its methods throw `bad-run`. */
export class ContentReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #what: string;
  #at: number;

  /** `what` names the run in errors. */
  constructor(bytes: Uint8Array, start: number, end: number, what: string) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#what = what;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    if (this.#at >= this.#end) throw this.error("is cut off");
    return this.#bytes[this.#at++] as number;
  }

  /** [WIRE-1.1] */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let n = 0; n < 8; n++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      factor *= 128;
    }
    throw this.error("has a number of more than 53 bits");
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.left) throw this.error("is cut off");
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** All that is left, as UTF-8. */
  text(): string {
    try {
      return decoder.decode(this.take(this.left));
    } catch {
      throw this.error("has text that is not UTF-8");
    }
  }

  /** Checks that nothing is left. */
  close(): void {
    if (this.left > 0) throw this.error(`has ${this.left} bytes too many`);
  }

  error(what: string): OmnibusError {
    return new OmnibusError("bad-run", `${this.#what} ${what}`);
  }
}
