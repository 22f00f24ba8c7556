import { Slab } from "../base/index.ts";
import {
  FrameReader,
  type FrameReaderOptions,
  isBodyIntact,
  type RunHeader,
  type RunSink,
  runType,
} from "../wire/index.ts";
import { toHex } from "./frame-bytes.ts";

/** Writes down the runs that a frame reader hands on, each as one line of text. */
export class RunLog implements RunSink {
  readonly lines: string[] = [];
  /** Bodies of message runs, copied, with whether their CRC is right. */
  readonly bodies: { readonly bytes: Uint8Array; readonly isIntact: boolean }[] = [];
  readonly reader: FrameReader;

  constructor(options: Partial<FrameReaderOptions> = {}) {
    this.reader = new FrameReader(this, { maxFrameBytes: 1 << 20, hasHash: true, ...options });
  }

  message(header: RunHeader): void {
    const { bytes, bodyStart, bodyEnd } = header;
    const isIntact = isBodyIntact(bytes, bodyStart, bodyEnd);
    this.bodies.push({ bytes: bytes.slice(bodyStart, bodyEnd), isIntact });
    this.lines.push(describeMessage(header));
  }

  control(header: RunHeader): void {
    const name = Object.entries(runType).find(([, number]) => number === header.type)?.[0];
    const content = toHex(header.bytes.subarray(header.bodyStart, header.bodyEnd));
    this.lines.push(`${name ?? header.type}/${header.flags.toString(16)} ${content}`);
  }

  /** Reads bytes that end with a whole frame; returns how many were used. */
  readAll(bytes: Uint8Array): number {
    return this.reader.read(new Slab(bytes), 0, bytes.length);
  }
}

/** The fields of a message's hop header that are not 0. */
function describeMessage(header: RunHeader): string {
  const { destination, source, scope, entry, entrySequence, chosen, more } = header;
  const { listed, logPosition, logPrevious } = header;
  const fields = {
    destination,
    source,
    scope,
    entry,
    entrySequence,
    chosen,
    more,
    listed,
    logPosition,
    logPrevious,
  };
  const told = Object.entries(fields).filter(([, value]) => value !== 0);
  const body = toHex(header.bytes.subarray(header.bodyStart, header.bodyEnd));
  return `message ${told.map(([name, value]) => `${name}=${value}`).join(" ")} ${body}`;
}
