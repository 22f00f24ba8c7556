import { crc32, crc32Short, OmnibusError, type Slab } from "../base/index.ts";
import { RunHeader } from "./run-header.ts";
import { messageType } from "./run-type.ts";
import { frameHashBytes, frameVersion } from "./sizes.ts";
import { writeVarint } from "./varint.ts";

/** Takes the runs of frames that were whole. */
export interface RunSink {
  /** A message run. The header object is used again for the next. */
  message(header: RunHeader, slab: Slab): void;
  /** Any other run. */
  control(header: RunHeader): void;
}

export interface FrameReaderOptions {
  /** The most bytes that a frame may have after its length. */
  maxFrameBytes: number;
  /** Whether frames end with a hash. */
  hasHash: boolean;
  /** What the error about a byte that is no version of ours adds for some of them. */
  foreign?: Readonly<Record<number, string>>;
}

/**
 * Cuts bytes into frames, checks each and hands its runs on. A frame's runs are handed on only after
 * the whole frame was found good.
 */
export class FrameReader {
  /** How many bytes from the first unused one on are wanted, 0 if not known. */
  wantedBytes = 0;
  readonly #sink: RunSink;
  readonly #header = new RunHeader();
  #options: FrameReaderOptions;

  constructor(sink: RunSink, options: FrameReaderOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Changes what was agreed in the handshake; it holds from the next frame on. */
  configure(options: FrameReaderOptions): void {
    this.#options = options;
  }

  /**
   * Reads all whole frames in `slab.bytes[start, end)`; returns the offset of the first byte that was
   * not used. Throws `bad-version`, `bad-frame`, `too-big`, and whatever the sink throws.
   */
  read(slab: Slab, start: number, end: number): number {
    const { bytes } = slab;
    const { maxFrameBytes, foreign } = this.#options;
    let at = start;
    this.wantedBytes = 0;
    while (at < end) {
      const version = bytes[at] as number;
      if (version !== frameVersion) {
        throw new OmnibusError(
          "bad-version",
          `frame version ${version}; this side speaks ${frameVersion}${foreign?.[version] ?? ""}`,
        );
      }
      let length = 0;
      let factor = 1;
      let cursor = at + 1;
      for (;;) {
        if (cursor === end) return at;
        const byte = bytes[cursor++] as number;
        length += (byte & 0x7f) * factor;
        if (byte < 0x80) break;
        factor *= 128;
        if (length > maxFrameBytes) break;
        if (factor > 0x800000000)
          throw new OmnibusError("bad-frame", "the length of a frame has too many bytes");
      }
      if (length > maxFrameBytes) {
        throw new OmnibusError(
          "too-big",
          `a frame of ${length} bytes; at most ${maxFrameBytes} are allowed`,
        );
      }
      const frameEnd = cursor + length;
      if (frameEnd > end) {
        this.wantedBytes = frameEnd - at;
        return at;
      }
      this.#readFrame(slab, at, cursor, frameEnd);
      at = frameEnd;
    }
    return at;
  }

  #readFrame(slab: Slab, start: number, runsStart: number, end: number): void {
    const bytes = slab.bytes;
    const header = this.#header;
    const sink = this.#sink;
    const { hasHash } = this.#options;
    const runsEnd = hasHash ? end - frameHashBytes : end;
    if (runsEnd < runsStart)
      throw new OmnibusError("bad-frame", `a frame of ${end - runsStart} bytes has no hash`);
    // A second walk over a frame that has just been read costs less than keeping every header of it.
    if (hasHash) {
      let crc = 0;
      for (let at = runsStart; at < runsEnd;) {
        const next = header.read(bytes, at, runsEnd);
        crc = crc32Short(bytes, at, header.type === messageType ? header.bodyStart : next, crc);
        at = next;
      }
      crc = crc32Short(bytes, start, runsStart, crc);
      if (crc !== readHash(bytes, runsEnd))
        throw new OmnibusError("bad-frame", "the frame's hash does not match");
    }
    for (let at = runsStart; at < runsEnd;) {
      at = header.read(bytes, at, runsEnd);
      if (header.type === messageType) sink.message(header, slab);
      else sink.control(header);
    }
    header.forgetFrame();
  }
}

function readHash(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Writes a CRC-32, least significant byte first; returns the offset after it. */
export function writeHash(bytes: Uint8Array, at: number, crc: number): number {
  bytes[at] = crc;
  bytes[at + 1] = crc >>> 8;
  bytes[at + 2] = crc >>> 16;
  bytes[at + 3] = crc >>> 24;
  return at + 4;
}

/** Writes what stands before the runs; returns the offset after it. */
export function writeFrameHead(
  bytes: Uint8Array,
  at: number,
  runBytes: number,
  hasHash: boolean,
): number {
  bytes[at++] = frameVersion;
  return writeVarint(bytes, at, runBytes + (hasHash ? frameHashBytes : 0));
}

/** Whether a body's CRC, its last four bytes, is right. [WIRE-5.4] */
export function isBodyIntact(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 4 && crc32(bytes, start, end - 4) === readHash(bytes, end - 4);
}
