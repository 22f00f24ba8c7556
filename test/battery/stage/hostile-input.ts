/** Input that no client would send, from a seed. */
import {
  controlRun,
  frameBytes,
  joinBytes,
  messageRun,
  type SeededRandom,
  utf8,
  varints,
} from "../../../packages/omnibus/src/testing/index.ts";
import { encodeInterest } from "../../../packages/omnibus/src/session/handshake.ts";

/** Good bytes with a few changes. */
export function spoilt(random: SeededRandom, good: Uint8Array): Uint8Array {
  const bytes = [...good];
  for (let left = 1 + random.integer(4); left > 0; left--) {
    const at = random.integer(Math.max(1, bytes.length));
    const kind = random.integer(4);
    if (kind === 0) bytes.length = at;
    else if (kind === 1) bytes.splice(at, 0, random.integer(256));
    else if (kind === 2) bytes[at] = random.pick([0, 0x7f, 0x80, 0xff]);
    else bytes[at] = random.integer(256);
  }
  return Uint8Array.from(bytes);
}

const contents: readonly Uint8Array[] = [
  new Uint8Array(0),
  joinBytes(varints(5), Uint8Array.of(0), utf8("a/b")),
  encodeInterest({ isAdded: true, pattern: "a/**", realm: "global", replay: 1 }),
  joinBytes(Uint8Array.of(0), utf8("a/b")),
  varints(5, 7),
  utf8("ping"),
];

/** A frame that is one, with runs that are hardly right. */
export function hostileFrame(random: SeededRandom): Uint8Array {
  const runs = Array.from({ length: 1 + random.integer(4) }, () => hostileRun(random));
  return frameBytes({ runs });
}

function hostileRun(random: SeededRandom): { bytes: Uint8Array; hopBytes?: number } {
  const good = random.pick(contents);
  const content = random.integer(3) === 0 ? spoilt(random, good) : good;
  const type = random.integer(16);
  if (type !== 0) {
    return { bytes: controlRun(type | (random.integer(8) === 0 ? 0x80 : 0), content) };
  }
  const body = random.bytes(random.integer(30));
  const header = {
    destination: random.integer(7),
    more: random.integer(4),
    entry: random.integer(3),
    chosen: random.integer(3),
  };
  const bytes = messageRun(header, body);
  return { bytes, hopBytes: bytes.length - body.length };
}
