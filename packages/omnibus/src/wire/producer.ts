import type { BodyReader } from "./body.ts";
import { ContentReader } from "./content-reader.ts";
import { bodyProducerFlag } from "./record-flags.ts";
import { producerIdBytes } from "./sizes.ts";

/** Who numbered the runs of a logged topic, and the number of one of them. [WIRE-5.1] */
export interface Producer {
  readonly id: Uint8Array;
  readonly incarnation: number;
  readonly runNumber: number;
}

/** The producer of the body that `reader` has opened; undefined if it names none. */
export function producerOf(reader: BodyReader): Producer | undefined {
  if ((reader.bodyFlags & bodyProducerFlag) === 0) return undefined;
  const { bytes, headStart, headEnd } = reader;
  const idEnd = headStart + producerIdBytes;
  const head = new ContentReader(bytes, idEnd, headEnd, "a body's head");
  const id = bytes.slice(headStart, idEnd);
  return { id, incarnation: head.varint(), runNumber: head.varint() };
}
