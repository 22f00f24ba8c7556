import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bodyBytes,
  controlRun,
  fromHex,
  toHex,
  utf8,
  varints,
} from "../../packages/omnibus/src/testing/index.ts";
import {
  BodyReader,
  producerOf,
  bulkFlag,
  redeliveredFlag,
  replayFlag,
  runType,
} from "../../packages/omnibus/src/wire/index.ts";
import {
  concat,
  frame,
  message,
  Numbers,
  readFrame,
  type ReadRun,
  type Run,
} from "./frame-by-hand.ts";

interface StoredRun {
  readonly topic: string;
  readonly position: number;
  readonly previous: number;
  readonly body: Uint8Array;
}

/** A log as far as the wire shows it: positions, the previous one of the topic, and what it has seen. */
class TinyLog {
  readonly runs: StoredRun[] = [];
  #next = 1;
  readonly #last = new Map<string, number>();
  readonly #receipts = new Map<string, number>();

  /** The receipt: the position of the first record. A retry gets the first one's. [WIRE-5.3] */
  append(topic: string, body: Uint8Array): number {
    const reader = new BodyReader();
    reader.open(body, 0, body.length);
    const producer = producerOf(reader);
    assert.ok(producer);
    const key = `${toHex(producer.id)} ${producer.incarnation} ${producer.runNumber}`;
    const known = this.#receipts.get(key);
    if (known !== undefined) return known;
    const position = this.#next;
    this.#next += reader.count;
    this.runs.push({ topic, position, previous: this.#last.get(topic) ?? 0, body });
    this.#last.set(topic, position + reader.count - 1);
    this.#receipts.set(key, position);
    return position;
  }
}

const producerId = fromHex("000102030405060708090a0b0c0d0e0f");
const published = (runNumber: number, ...texts: string[]): Uint8Array =>
  bodyBytes({
    producer: { id: producerId, incarnation: 2, runNumber },
    timeMs: 1_735_689_600_000,
    records: texts.map((text) => ({ format: 1, payload: utf8(text), isAcknowledged: true })),
  });
const alias = (number: number, kind: number, name: string): Run => ({
  bytes: controlRun(runType.alias, concat(varints(number), Uint8Array.of(kind), utf8(name))),
});

test("a retried run is byte by byte the first one, and gets the first one's receipt", () => {
  const log = new TinyLog();
  const body = published(1, "a", "b");
  const toLog = new Numbers();
  const first = frame(
    1,
    [alias(1, 0, "orders/new"), message({ destination: 1, more: bulkFlag }, body)],
    "003d01020c01006f72646572732f6e65778001007001240302000102030405060708090a0b0c0d0e" +
      "0f020180f8a5f9c13281016181016222f16d8a550ef9b4",
  );
  const [came] = toLog.learn(readFrame(first).runs);
  assert.ok(came);
  assert.equal(log.append(toLog.name(came.header.destination), came.content), 1);
  // Another session, other numbers, flagged as a redelivery; the body is the same.
  const again = frame(
    7,
    [message({ destination: 44, more: bulkFlag | redeliveredFlag }, body)],
    "002f07802c007005240302000102030405060708090a0b0c0d0e0f020180f8a5f9c1328101618101" +
      "6222f16d8aee746f4e",
  );
  const [retried] = readFrame(again).runs;
  assert.equal(toHex(retried?.content ?? new Uint8Array(0)), toHex(came.content));
  assert.equal(log.append("0:orders/new", body), 1);
  assert.equal(log.runs.length, 1);
  assert.equal(log.append("0:orders/new", published(2, "c")), 3);
});

test("a reader replays, proves for each topic that nothing is missing, and goes on live without a seam", () => {
  const log = new TinyLog();
  const topics = ["new", "paid", "new", "new", "paid"];
  for (const [n, topic] of topics.entries())
    log.append(topic, published(n + 1, ...(n === 2 ? ["x", "y"] : ["x"])));
  assert.deepEqual(
    log.runs.map(({ position, previous }) => [position, previous]),
    [
      [1, 0],
      [2, 0],
      [3, 1],
      [5, 4],
      [6, 2],
    ],
  );

  // The source is the log in its incarnation: a reader sees at once when it is another. [WIRE-7.1]
  const numbers = new Numbers();
  const aliases = [alias(1, 0, "new"), alias(2, 0, "paid"), alias(3, 4, "orders@12")];
  const hopOf = (stored: StoredRun, isReplay: boolean): Run =>
    message(
      {
        destination: stored.topic === "new" ? 1 : 2,
        source: 3,
        logPosition: stored.position,
        logPrevious: stored.previous,
        more: isReplay ? replayFlag : 0,
      },
      stored.body,
    );
  const replayed = frame(
    1,
    [...aliases, ...log.runs.slice(0, 4).map((stored) => hopOf(stored, true))],
    "00c80101020501006e65770206020070616964020b03046f7264657273403132c001037008010021" +
      "0301000102030405060708090a0b0c0d0e0f020180f8a5f9c132810178af1516ccc0020370080200" +
      "210301000102030405060708090a0b0c0d0e0f020280f8a5f9c132810178acae2127c00103700803" +
      "01240302000102030405060708090a0b0c0d0e0f020380f8a5f9c1328101788101799095454dc001" +
      "0370080504210301000102030405060708090a0b0c0d0e0f020480f8a5f9c132810178ebde3f2a99" +
      "c133d9",
  );
  const live = frame(
    8,
    log.runs.slice(4).map((stored) => hopOf(stored, false)),
    "002d08400203700602210301000102030405060708090a0b0c0d0e0f020580f8a5f9c132810178d5" +
      "b5fdc5633ac7ab",
  );

  const lastOf = new Map<string, number>();
  const read = ({ header, content }: ReadRun): string => {
    const topic = numbers.name(header.destination);
    assert.equal(numbers.name(header.source), "4:orders@12");
    const reader = new BodyReader();
    reader.open(content, 0, content.length);
    const isWhole = header.logPrevious === (lastOf.get(topic) ?? 0);
    lastOf.set(topic, header.logPosition + reader.count - 1);
    return `${topic.slice(2)} ${header.logPosition} ${isWhole ? "whole" : "something is missing"}`;
  };
  const history = numbers.learn(readFrame(replayed).runs);
  assert.ok(history.every(({ header }) => (header.more & replayFlag) !== 0));
  const tail = numbers.learn(readFrame(live).runs);
  assert.deepEqual([...history, ...tail].map(read), [
    "new 1 whole",
    "paid 2 whole",
    "new 3 whole",
    "new 5 whole",
    "paid 6 whole",
  ]);
  lastOf.clear();
  assert.deepEqual(
    history
      .filter((_, n) => n !== 2)
      .map(read)
      .slice(-1),
    ["new 5 something is missing"],
  );
  assert.equal(
    toHex(history[0]?.content ?? new Uint8Array(0)),
    toHex(log.runs[0]?.body ?? new Uint8Array(1)),
  );
});
