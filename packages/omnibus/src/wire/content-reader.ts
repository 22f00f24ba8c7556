import { OmnibusError } from "../base/index.ts";
import { ByteReader } from "./byte-reader.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Reads the content of a run that is not a message, field by field. All its methods throw `bad-run`. */
export class ContentReader extends ByteReader {
  readonly #what: string;

  /** `what` names the run in errors. */
  constructor(bytes: Uint8Array, start: number, end: number, what: string) {
    super();
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#what = what;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    if (this.left < 1) throw this.error("is cut off");
    return this.bytes[this.at++] as number;
  }

  /** All that is left, as UTF-8. */
  text(): string {
    const text = decodeUtf8(this.bytes, this.at, this.end);
    if (text === undefined) throw this.error("has text that is not UTF-8");
    this.at = this.end;
    return text;
  }

  /** Checks that nothing is left. */
  close(): void {
    if (this.left > 0) throw this.error(`has ${this.left} bytes too many`);
  }

  error(what: string): OmnibusError {
    return new OmnibusError("bad-run", `${this.#what} ${what}`);
  }
}
