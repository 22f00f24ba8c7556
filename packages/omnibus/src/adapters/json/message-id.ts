import type { Random } from "../../base/index.ts";
import type { Message } from "../../bus/index.ts";

const batch = 64;
const maxHashedChars = 1024;

/** Makes UUIDs of version 4 (RFC 9562), drawing randomness for many at once. */
export class MessageIds {
  readonly #random: Random;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    if (this.#at === this.#bytes.length) {
      this.#bytes = this.#random.bytes(16 * batch);
      this.#at = 0;
    }
    const bytes = this.#bytes.subarray(this.#at, this.#at + 16);
    this.#at += 16;
    return uuid(bytes, 4);
  }
}

/**
 * The id of a message for JSON clients: its own, or, since programs need not give any, one that is
 * calculated from the message, so that all clients, replays and servers see the same. It is a UUID of
 * version 8; equal messages of one millisecond share it. [JSON-6.2]
 */
export function idOf(message: Message): string {
  if (message.id !== undefined && message.id !== "") return message.id;
  const payload = sampleOf(message);
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(8, BigInt(Math.max(0, Math.trunc(message.timeMs))));
  view.setUint32(0, hash(message.topic, 0x811c9dc5));
  view.setUint32(4, hash(payload, 0x01000193));
  view.setUint16(8, hash(payload, 0x2545f491) & 0xffff);
  return uuid(new Uint8Array(view.buffer), 8);
}

/** Enough of a payload to tell it from others: all of a short one, else both ends and the length. */
function sampleOf(message: Message): string {
  const json = message.json;
  if (json === undefined) {
    const { bytes } = message;
    const ends = [...bytes.subarray(0, maxHashedChars), ...bytes.subarray(-maxHashedChars)];
    return `${bytes.length} ${String.fromCharCode(...ends)}`;
  }
  if (json.length <= 2 * maxHashedChars) return json;
  return `${json.length} ${json.slice(0, maxHashedChars)}${json.slice(-maxHashedChars)}`;
}

/** FNV-1a over UTF-16 units. */
function hash(text: string, seed: number): number {
  let sum = seed;
  for (let at = 0; at < text.length; at++) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  }
  return sum >>> 0;
}

function uuid(bytes: Uint8Array, version: number): string {
  let text = "";
  for (let at = 0; at < 16; at++) {
    let byte = bytes[at] ?? 0;
    if (at === 6) byte = (byte & 0x0f) | (version << 4);
    if (at === 8) byte = (byte & 0x3f) | 0x80;
    if (at === 4 || at === 6 || at === 8 || at === 10) text += "-";
    text += byte.toString(16).padStart(2, "0");
  }
  return text;
}
