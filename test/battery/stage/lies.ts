/** What a leaf may say that is not so, frame by frame. */
import {
  bodyBytes,
  controlRun,
  fromHex,
  joinBytes,
  messageRun,
  type PlainBody,
  utf8,
  varints,
} from "../../../packages/omnibus/src/testing/index.ts";
import { encodeGap } from "../../../packages/omnibus/src/session/flow-runs.ts";
import { encodeRefusal, encodeWelcome } from "../../../packages/omnibus/src/session/handshake.ts";
import {
  ByteWriter,
  encodeCbor,
  type MessageHeader,
  redeliveredFlag,
  replayFlag,
  returnedFlag,
  runType,
} from "../../../packages/omnibus/src/wire/index.ts";
import { frameBytes } from "../../../packages/omnibus/src/testing/index.ts";
import { OmnibusError } from "../../../packages/omnibus/src/base/index.ts";
import { frameOf } from "./native-by-hand.ts";

/** The node that lies name: nobody here. */
export const victimNode: string = "ab".repeat(32);
/** Where a leaf may publish. */
export const topic = "leaf/a";
/** Where it may not. */
export const forbidden = "secret/a";

/** What a lying leaf sends, and what may come of it. */
export interface Lie {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  /** The code that its session ends with, or `kept`. */
  readonly ends: string;
  /** Whether its message is delivered, as its own: the lie around it is not believed. Default: to nobody. */
  readonly delivered?: "to all" | "at the server";
}

const payload = utf8("evil");
const evil = bodyBytes({ records: [{ payload, format: 1 }] });
const alias = (number: number, name: string, kind = 0): Uint8Array =>
  controlRun(runType.alias, joinBytes(varints(number), Uint8Array.of(kind), utf8(name)));
const declare = (name = topic): Uint8Array => frameOf(alias(1, name));

function message(header: Partial<MessageHeader>, body: Uint8Array = evil): Uint8Array {
  const bytes = messageRun({ destination: 1, ...header }, body);
  return frameBytes({ runs: [{ bytes, hopBytes: bytes.length - body.length }] });
}

/** A body that says another count of records than it has, with the right CRC over it. */
function miscounted(count: number, body: PlainBody): Uint8Array {
  const good = bodyBytes(body);
  const changed = good.slice();
  changed[1] = count;
  return resealed(changed);
}

/** The same bytes with a CRC that is right for them. */
function resealed(body: Uint8Array): Uint8Array {
  const hex = Buffer.from(body.subarray(0, -4)).toString("hex");
  const out = fromHex(hex, "00000000");
  const crc = crcOf(out.subarray(0, -4));
  out.set([crc, crc >>> 8, crc >>> 16, crc >>> 24], out.length - 4);
  return out;
}

function cbor(value: unknown): Uint8Array {
  const writer = new ByteWriter(65_536);
  encodeCbor(value, writer);
  return writer.view().slice();
}

const records = { records: [{ payload, format: 1 as const }] };
/** Every lie. */
export const lies: readonly Lie[] = [
  {
    name: "an advert",
    ends: "bad-run",
    frames: [frameOf(controlRun(runType.advert, cbor([new Uint8Array(32), 1, 1, 0, 0, [], []])))],
  },
  {
    name: "an optional advert",
    ends: "kept",
    frames: [frameOf(controlRun(runType.advert | 0x80, cbor([])))],
  },
  {
    name: "an acknowledgement",
    ends: "bad-run",
    frames: [frameOf(controlRun(runType.ack, varints(5)))],
  },
  {
    name: "a fragment",
    ends: "bad-run",
    frames: [frameOf(controlRun(runType.fragment, varints(1, 3)))],
  },
  {
    name: "ready, as a peer",
    ends: "bad-run",
    frames: [
      frameOf(controlRun(runType.ready, encodeWelcome({ principal: "admin", role: "peer" }))),
    ],
  },
  {
    name: "a second hello",
    ends: "bad-run",
    frames: [frameOf(controlRun(runType.hello, cbor([0, 0])))],
  },
  {
    name: "a second auth",
    ends: "bad-run",
    frames: [frameOf(controlRun(runType.auth, cbor(["token", "x"])))],
  },
  {
    name: "another node as source",
    ends: "kept",
    delivered: "to all",
    frames: [frameOf(alias(1, topic), alias(2, victimNode, 2)), message({ source: 2 })],
  },
  {
    name: "a source that it never named",
    ends: "unknown-alias",
    frames: [declare(), message({ source: 9 })],
  },
  {
    name: "another entry node",
    ends: "kept",
    delivered: "to all",
    frames: [
      frameOf(alias(1, topic), alias(2, victimNode, 2)),
      message({ entry: 2, entrySequence: 5 }),
    ],
  },
  {
    name: "a chosen node",
    ends: "kept",
    delivered: "to all",
    frames: [frameOf(alias(1, topic), alias(2, victimNode, 2)), message({ chosen: 2 })],
  },
  {
    name: "a place in a log",
    ends: "kept",
    delivered: "to all",
    frames: [declare(), message({ logPosition: 5, logPrevious: 4 })],
  },
  {
    name: "history that it is not",
    ends: "kept",
    delivered: "to all",
    frames: [declare(), message({ more: replayFlag })],
  },
  {
    name: "a redelivery that it is not",
    ends: "kept",
    delivered: "to all",
    frames: [declare(), message({ more: redeliveredFlag | returnedFlag })],
  },
  {
    name: "no hop left",
    ends: "kept",
    delivered: "at the server",
    frames: [declare(), message({ scope: 0x60 })],
  },
  {
    name: "a narrower realm than the link",
    ends: "kept",
    frames: [declare(), message({ scope: 0x10 })],
  },
  {
    name: "a message to a node",
    ends: "kept",
    frames: [frameOf(alias(1, victimNode, 2)), message({})],
  },
  {
    name: "a message to an endpoint",
    ends: "kept",
    frames: [frameOf(alias(1, "0a".repeat(16), 1)), message({})],
  },
  {
    name: "a message to a topic that it may not publish to",
    ends: "kept",
    frames: [declare(forbidden), message({})],
  },
  {
    name: "a number that it never gave",
    ends: "unknown-alias",
    frames: [message({ destination: 77 })],
  },
  { name: "a topic that is none", ends: "bad-topic", frames: [declare("leaf//a"), message({})] },
  { name: "a pattern as a topic", ends: "bad-topic", frames: [declare("leaf/*"), message({})] },
  { name: "number 0", ends: "bad-run", frames: [frameOf(alias(0, topic))] },
  { name: "number 65,536", ends: "bad-run", frames: [frameOf(alias(65_536, topic))] },
  {
    name: "more records than there are",
    ends: "kept",
    frames: [declare(), message({}, miscounted(2, records))],
  },
  {
    name: "fewer records than there are",
    ends: "kept",
    frames: [declare(), message({}, miscounted(0, records))],
  },
  { name: "127 records", ends: "kept", frames: [declare(), message({}, miscounted(127, records))] },
  {
    name: "a record longer than its body",
    ends: "kept",
    frames: [declare(), message({}, resealed(fromHex("00 01 01 7f 6576696c 00000000")))],
  },
  {
    name: "an id longer than its body",
    ends: "kept",
    frames: [declare(), message({}, resealed(fromHex("00 01 05 7f 6576696c 00000000")))],
  },
  {
    name: "an unknown flag of a body",
    ends: "kept",
    frames: [declare(), message({}, resealed(fromHex("80 01 01 04 6576696c 00000000")))],
  },
  {
    name: "a CRC that is wrong",
    ends: "kept",
    frames: [declare(), message({}, fromHex("00 01 01 04 6576696c 00000000"))],
  },
  { name: "a body of nothing", ends: "kept", frames: [declare(), message({}, new Uint8Array(0))] },
  { name: "a body longer than its frame", ends: "bad-frame", frames: [declare(), longBody()] },
  {
    name: "a count of losses that nobody had",
    ends: "kept",
    frames: [frameOf(alias(1, forbidden), controlRun(runType.gap, encodeGap(1, 1_000_000)))],
  },
  {
    name: "a loss at a number that it never gave",
    ends: "unknown-alias",
    frames: [frameOf(controlRun(runType.gap, encodeGap(9, 1)))],
  },
  {
    name: "a refusal",
    ends: "kept",
    frames: Array.from({ length: 20 }, () =>
      frameOf(
        controlRun(
          runType.refusal,
          encodeRefusal({
            verb: "publish",
            name: forbidden,
            error: new OmnibusError("denied", "by the leaf"),
          }),
        ),
      ),
    ),
  },
  {
    name: "a hold of all others' topic",
    ends: "kept",
    frames: [frameOf(controlRun(runType.credit, joinBytes(Uint8Array.of(0), utf8(topic))))],
  },
];

/** A run whose body is said to be longer than the frame; the hash is right. */
function longBody(): Uint8Array {
  const bytes = fromHex("00 01 00 70 7f 0001");
  return frameBytes({ runs: [{ bytes, hopBytes: 5 }] });
}

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
