import { checkTopic } from "../base/index.ts";
import { ByteWriter, ContentReader } from "../wire/index.ts";

/** What a neighbour wants of an address: hold it back, or go on. */
export type Congestion = "hold" | "go";

/** The content of a credit run: 1 byte (0 hold, 1 go), then the topic's name. [WIRE-10.1] */
export function encodeCredit(name: string, congestion: Congestion): Uint8Array {
  const writer = new ByteWriter(2048);
  writer.u8(congestion === "hold" ? 0 : 1);
  writer.utf8(name);
  return writer.view().slice();
}

/** Throws `bad-run`, `bad-topic`. */
export function decodeCredit(
  bytes: Uint8Array,
  start: number,
  end: number,
): { name: string; congestion: Congestion } {
  const content = new ContentReader(bytes, start, end, "a credit run");
  const state = content.u8();
  if (state > 1) throw content.error("says neither hold nor go");
  const name = content.text();
  checkTopic(name);
  return { name, congestion: state === 0 ? "hold" : "go" };
}

/** The content of a gap run: the address's number, and how many messages were dropped. [WIRE-10.3] */
export function encodeGap(number: number, count: number): Uint8Array {
  const writer = new ByteWriter(2048);
  writer.varint(number);
  writer.varint(count);
  return writer.view().slice();
}

/** Throws `bad-run`. */
export function decodeGap(
  bytes: Uint8Array,
  start: number,
  end: number,
): { number: number; count: number } {
  const content = new ContentReader(bytes, start, end, "a gap run");
  const number = content.varint();
  const count = content.varint();
  content.close();
  return { number, count };
}
