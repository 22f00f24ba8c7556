import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, type OmnibusError } from "../base/index.ts";
import {
  BusNetwork,
  hasFullClients,
  joinBytes,
  RunLog,
  SeededRandom,
  type TestClient,
} from "../testing/index.ts";
import type { Authority } from "./plugs.ts";

/** The message runs that a client sends from here on, each as a line. */
function messagesSentBy({ link }: TestClient): string[] {
  const log = new RunLog();
  const write = link.write.bind(link);
  const lines: string[] = [];
  link.write = (chunks): boolean => {
    log.readAll(joinBytes(...chunks));
    lines.push(...log.lines.splice(0).filter((line) => line.startsWith("message")));
    return write(chunks);
  };
  return lines;
}

/** Publishes `0` to `count - 1` to topics in turn, in one tick. */
function inTurn({ bus }: TestClient, topics: readonly string[], count: number): void {
  for (let n = 0; n < count; n++) bus.publish(topics[n % topics.length] ?? "", n);
}

function collect({ bus }: TestClient, pattern: string): string[] {
  const got: string[] = [];
  bus.subscribe<number>(pattern, ({ topic, value, missed }) => {
    if (missed > 0) got.push(`missed ${missed} of ${topic}`);
    got.push(`${topic}:${value}`);
  });
  return got;
}

const topics = ["t/a", "t/b", "t/c"];
const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${topics[n % 3]}:${n}`);

const skip = hasFullClients() ? false : "a light client sends a run for each topic";

test(
  "[WIRE-4.5] topics in turn share a run once their numbers are known, and arrive in order",
  { skip },
  async () => {
    await using net = await BusNetwork.open();
    const [a, b] = [await net.client(), await net.client()];
    const got = collect(b, "t/**");
    await net.settled();
    const sent = messagesSentBy(a);
    inTurn(a, topics, 3);
    await net.settled();
    assert.equal(sent.splice(0).length, 3);
    inTurn(a, topics, 300);
    await net.settled();
    assert.equal(sent.length, 1);
    assert.match(sent[0] ?? "", /more=32 listed=300/);
    assert.deepEqual(got, [...expected(3), ...expected(300)]);
  },
);

test("subscribers that want different topics of a run each get their own, in order", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const others = [await net.client(), await net.client(), await net.client()];
  const got = [collect(others[0] as TestClient, "t/**"), collect(others[1] as TestClient, "t/b")];
  const here: string[] = [];
  net.server.subscribe<number>("t/c", ({ topic, value }) => here.push(`${topic}:${value}`));
  await net.settled();
  for (let round = 0; round < 3; round++) {
    inTurn(a, topics, 60);
    await net.settled();
  }
  // One that comes later knows none of the numbers.
  const late = collect(others[2] as TestClient, "t/**");
  await net.settled();
  inTurn(a, topics, 60);
  await net.settled();
  assert.deepEqual(late, expected(60));
  const all = [...expected(60), ...expected(60), ...expected(60), ...expected(60)];
  assert.deepEqual(got[0], all);
  assert.deepEqual(
    got[1],
    all.filter((line) => line.startsWith("t/b")),
  );
  assert.deepEqual(
    here,
    all.filter((line) => line.startsWith("t/c")),
  );
});

test("a subscription that begins or ends in the tick of a run is not confused with another's", async () => {
  await using net = await BusNetwork.open();
  const [a, b] = [await net.client(), await net.client()];
  const got = collect(b, "t/a");
  await net.settled();
  inTurn(a, topics, 9);
  await net.settled();
  got.splice(0);
  const here: string[] = [];
  // The publisher is the server itself: what it gathers and what it knows change in one tick.
  net.server.publish("t/a", 1);
  net.server.publish("t/b", 2);
  const late = b.bus.subscribe<number>("t/b", ({ value }) => here.push(String(value)));
  net.server.publish("t/a", 3);
  net.server.publish("t/b", 4);
  await net.settled();
  await late.close();
  net.server.publish("t/a", 5);
  net.server.publish("t/b", 6);
  await net.settled();
  assert.deepEqual(got, ["t/a:1", "t/a:3", "t/a:5"]);
  assert.ok(!here.includes("6") && here.every((value) => value === "2" || value === "4"));
});

test("one denied topic of a run is dropped and counted alone", async () => {
  const authority: Authority = {
    version: 1,
    authenticate: () => Promise.resolve({ name: "ada", roles: [] }),
    may: (_who, verb, name) => verb === "subscribe" || !matchesPattern("t/b", name),
  };
  await using net = await BusNetwork.open({ authority });
  const [a, b] = [await net.client(), await net.client()];
  a.bus.on("error", () => undefined);
  const got = collect(b, "t/**");
  await net.settled();
  // The reader knows all of the numbers.
  for (const topic of topics) net.server.publish(topic, "from the server");
  await net.settled();
  got.splice(0);
  for (let round = 0; round < 2; round++) {
    inTurn(a, topics, 30);
    await net.settled();
  }
  const allowed = expected(30).filter((line) => !line.startsWith("t/b"));
  assert.deepEqual(got, [...allowed, ...allowed]);
  assert.equal(net.server.stats.denied, 20);
});

test(
  "[WIRE-5.4] a damaged run for several that was cut looked whole to its receivers",
  { skip },
  async () => {
    await using net = await BusNetwork.open();
    const [a, all, one] = [await net.client(), await net.client(), await net.client()];
    const got = [collect(all, "t/**"), collect(one, "t/b")];
    const errors: unknown[] = [];
    net.server.on("error", (error) => errors.push((error as OmnibusError).code));
    await net.settled();
    inTurn(a, topics, 3);
    await net.settled();
    for (const lines of got) lines.splice(0);
    const write = a.link.write.bind(a.link);
    a.link.write = (chunks): boolean => {
      const bytes = joinBytes(...chunks);
      // The last byte of the body, before its hash and the frame's: the last record's value.
      const at = bytes.length - 9;
      bytes[at] = (bytes[at] as number) ^ 1;
      return write([bytes]);
    };
    inTurn(a, topics, 9);
    await net.settled();
    a.link.write = write;
    inTurn(a, topics, 3);
    await net.settled();
    assert.deepEqual(got, [expected(3), ["t/b:1"]]);
    assert.equal(net.server.stats.malformed, 1);
    assert.deepEqual(errors, ["bad-run"]);
  },
);

test("what a slow reader loses of a run is counted and told for each topic", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 8192 });
  const [a, slow] = [await net.client(), await net.client({ bufferBytes: 1 })];
  const got = collect(slow, "t/**");
  await net.settled();
  inTurn(a, topics, 3);
  await net.settled();
  slow.link.pause();
  for (let round = 0; round < 40; round++) {
    inTurn(a, topics, 90);
    await net.settled();
  }
  slow.link.resume();
  await net.settled();
  inTurn(a, topics, 3);
  await net.settled();
  const missed = { "t/a": 0, "t/b": 0, "t/c": 0 };
  const received = { "t/a": 0, "t/b": 0, "t/c": 0 };
  for (const line of got) {
    const gap = /^missed (\d+) of (t\/[abc])$/.exec(line);
    const topic = (gap?.[2] ?? line.slice(0, 3)) as keyof typeof missed;
    if (gap === null) received[topic]++;
    else missed[topic] += Number(gap[1]);
  }
  for (const topic of Object.keys(missed) as (keyof typeof missed)[]) {
    assert.ok(missed[topic] > 0, topic);
    assert.equal(received[topic] + missed[topic], 1202, topic);
  }
  assert.equal(net.server.stats.dropped, missed["t/a"] + missed["t/b"] + missed["t/c"]);
});

test("a blocking subscription to one topic of a run stops that topic alone, and loses nothing", async () => {
  await using net = await BusNetwork.open();
  const [a, b] = [await net.client(), await net.client()];
  const got = collect(b, "t/b");
  const blocking = b.bus.subscribe<number>("t/a", { overflow: "block", maxQueueBytes: 4096 });
  await net.settled();
  const options = { congestion: "wait" } as const;
  for (let n = 0; n < 400; n++) {
    a.bus.publish("t/a", n, options);
    a.bus.publish("t/b", n, options);
    await net.settled();
  }
  assert.equal(got.length, 400);
  const values: number[] = [];
  const reading = (async (): Promise<void> => {
    for await (const { value } of blocking) if (values.push(value) === 400) break;
  })();
  await net.pass(2000);
  await reading;
  assert.deepEqual(
    values,
    Array.from({ length: 400 }, (_, n) => n),
  );
});

test("any mix of publishers, topics and readers: all that was sent arrives, in each publisher's order", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = new SeededRandom(seed);
    await using net = await BusNetwork.open({ seed });
    const publishers = [await net.client(), await net.client()];
    const readers = [];
    for (let n = 0; n < 3; n++) {
      const client = await net.client({ bufferBytes: 4096, isStream: random.integer(2) === 0 });
      const pattern = random.pick(["**", "t/1", "t/*", "u/**"]);
      readers.push({ client, pattern, got: collect(client, pattern) });
    }
    await net.settled();
    const sent: string[] = [];
    for (let round = 0; round < 40; round++) {
      for (const [index, { bus }] of publishers.entries()) {
        for (let left = random.integer(60); left > 0; left--) {
          const topic = `${random.pick(["t", "u"])}/${random.integer(6)}`;
          const n = sent.length * 2 + index;
          bus.publish(topic, n, { congestion: "wait" });
          sent.push(`${topic}:${n}`);
        }
      }
      for (const { client } of readers) {
        if (random.integer(4) === 0) client.link.pause();
        else if (random.integer(2) === 0) client.link.resume();
      }
      if (random.integer(3) === 0) await net.settled();
    }
    for (const { client } of readers) client.link.resume();
    await net.settled();
    for (const { pattern, got } of readers) {
      const wanted = sent.filter((line) => matchesPattern(pattern, line.split(":")[0] ?? ""));
      for (const parity of [0, 1]) {
        const own = (line: string): boolean => Number(line.split(":")[1]) % 2 === parity;
        assert.deepEqual(got.filter(own), wanted.filter(own), `seed ${seed}, ${pattern}`);
      }
    }
  }
});
