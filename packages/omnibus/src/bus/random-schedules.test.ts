import assert from "node:assert/strict";
import { test } from "node:test";
import { BusNetwork, SeededRandom, type TestClient } from "../testing/index.ts";
import type { Message } from "./message.ts";

/** What was sent: how many messages of each topic, by all publishers, and of each publisher. */
class Sent {
  readonly #byTopic = new Map<string, number>();
  readonly #bySource = new Map<string, number>();

  publish({ bus }: TestClient, from: number, topic: string, mayWait: boolean): void {
    const source = `${topic} of ${from}`;
    const n = (this.#bySource.get(source) ?? 0) + 1;
    this.#bySource.set(source, n);
    this.#byTopic.set(topic, (this.#byTopic.get(topic) ?? 0) + 1);
    bus.publish(topic, { from, n }, { congestion: mayWait ? "wait" : "drop" });
  }

  of(topic: string): number {
    return this.#byTopic.get(topic) ?? 0;
  }

  get all(): number {
    return [...this.#byTopic.values()].reduce((sum, count) => sum + count, 0);
  }
}

/**
 * One subscription: what it got and what it was told that it missed. Checks with each message that the order
 * was kept, and that what was missed before it has been told. [WIRE-10.3]
 */
class Reading {
  received = 0;
  missed = 0;
  readonly #name: string;
  readonly #last = new Map<string, number>();
  /** Sum of the numbers in `#last`: so many were sent before what came last, at least. */
  #reached = 0;
  readonly #isWhole: boolean;

  /** `isWhole`: it is there from the first message to the last, and on one connection. */
  constructor(name: string, isWhole = false) {
    this.#name = name;
    this.#isWhole = isWhole;
  }

  readonly take = ({ topic, value, missed }: Message<{ from: number; n: number }>): void => {
    this.received++;
    this.missed += missed;
    const source = `${topic} of ${value.from}`;
    const last = this.#last.get(source) ?? 0;
    assert.ok(value.n > last, `${this.#name}: ${value.n} came after ${last}, ${source}`);
    this.#last.set(source, value.n);
    this.#reached += value.n - last;
    if (!this.#isWhole) return;
    const told = this.received + this.missed;
    assert.ok(told >= this.#reached, `${this.#name}: ${told} told of, ${this.#reached} sent`);
  };

  on({ bus }: TestClient, pattern: string): { close(): Promise<void> } {
    return bus.subscribe<{ from: number; n: number }>(pattern, this.take);
  }
}

const topics = ["t/0", "t/1", "t/2", "t/3", "t/4"];

/** One run of everything at random; everything in it follows from the seed. */
class Schedule {
  readonly #net: BusNetwork;
  readonly #random: SeededRandom;
  readonly #name: string;
  readonly #sent = new Sent();
  readonly #flakySent = new Sent();
  readonly #exact = new Map<string, Reading[]>();
  readonly #wild: Reading[] = [];
  readonly #comings: (() => Promise<void>)[] = [];
  readonly #publishers: TestClient[] = [];
  readonly #readers: TestClient[] = [];
  readonly #flaky: TestClient[] = [];
  #isEnding = false;
  #releaseBatch = (): void => undefined;
  /** How many messages were missed by those that count. */
  missed = 0;

  constructor(net: BusNetwork, random: SeededRandom) {
    this.#net = net;
    this.#random = random;
    this.#name = `seed ${random.seed}`;
  }

  async open(): Promise<void> {
    const net = this.#net;
    const random = this.#random;
    const slow = (): { bufferBytes: number; isStream: boolean; maxQueueBytes: number } => ({
      bufferBytes: random.pick([1, 512, 65_536]),
      isStream: random.integer(2) === 0,
      maxQueueBytes: random.pick([2048, 65_536]),
    });
    for (let n = 0; n < 3; n++) this.#publishers.push(await net.client(slow()));
    for (let n = 0; n < 3; n++) this.#readers.push(await net.client(slow()));
    for (let n = 0; n < 2; n++) this.#flaky.push(await net.client(slow()));
    for (const reader of this.#readers) {
      this.#readWild(reader, random.pick(["t/*", "t/**"]));
      this.#readExact(reader, random.pick(topics));
    }
    const [reader, publisher] = this.#flaky as [TestClient, TestClient];
    new Reading(`${this.#name}, a reader that comes again`).on(reader, "**");
    new Reading(`${this.#name}, a publisher that also reads`).on(publisher, "t/1");
    this.#block(this.#readers[0] as TestClient, random.pick(topics));
    await net.settled();
  }

  #readWild(client: TestClient, pattern: string): void {
    const reading = new Reading(`${this.#name}, ${pattern}`, true);
    reading.on(client, pattern);
    this.#wild.push(reading);
  }

  #readExact(client: TestClient, topic: string): void {
    const reading = new Reading(`${this.#name}, ${topic}`, true);
    reading.on(client, topic);
    this.#exact.set(topic, [...(this.#exact.get(topic) ?? []), reading]);
  }

  /** A subscription that makes its publishers wait, and is read in batches: hold and go in turn. */
  #block({ bus }: TestClient, topic: string): void {
    const reading = new Reading(`${this.#name}, ${topic} blocking`, true);
    const options = { overflow: "block", maxQueueBytes: 1024 } as const;
    const subscription = bus.subscribe<{ from: number; n: number }>(topic, options);
    void (async (): Promise<void> => {
      for await (const batch of subscription.batches()) {
        for (const message of batch) reading.take(message);
        if (!this.#isEnding) await new Promise<void>((resolve) => (this.#releaseBatch = resolve));
      }
    })();
    this.#exact.set(topic, [...(this.#exact.get(topic) ?? []), reading]);
  }

  async round(): Promise<void> {
    const random = this.#random;
    this.#publishSome();
    for (const { link } of [...this.#readers, ...this.#publishers]) {
      if (random.integer(5) === 0) link.pause();
      else if (random.integer(3) === 0) link.resume();
    }
    for (const { far } of this.#publishers) {
      if (random.integer(8) === 0) far.pause();
      else if (random.integer(2) === 0) far.resume();
    }
    if (random.integer(2) === 0) this.#releaseBatch();
    if (random.integer(3) === 0) this.#comeOrGo();
    if (random.integer(10) === 0) random.pick(this.#flaky).link.destroy();
    const pause = random.integer(6);
    if (pause === 0) await this.#net.pass(100);
    else if (pause < 4) await this.#net.clock.settled(random.integer(4));
  }

  #publishSome(): void {
    const random = this.#random;
    for (const [from, publisher] of this.#publishers.entries()) {
      const mayWait = random.integer(2) === 0;
      for (let left = random.integer(30); left > 0; left--)
        this.#sent.publish(publisher, from, random.pick(topics), mayWait);
    }
    for (let left = random.integer(10); left > 0; left--)
      this.#flakySent.publish(this.#flaky[1] as TestClient, 9, random.pick(["f/0", "f/1"]), true);
  }

  /** Subscriptions beside those that are counted begin and end, and must neither add nor take anything. */
  #comeOrGo(): void {
    const random = this.#random;
    if (this.#comings.length > 0 && random.integer(2) === 0) {
      void this.#comings.splice(random.integer(this.#comings.length), 1)[0]?.();
      return;
    }
    const reading = new Reading(`${this.#name}, one that comes and goes`);
    const pattern = random.pick([...topics, "t/*", "f/**"]);
    const subscription = reading.on(random.pick([...this.#readers, ...this.#publishers]), pattern);
    this.#comings.push(() => subscription.close());
  }

  async finish(): Promise<void> {
    this.#isEnding = true;
    this.#releaseBatch();
    const all = [...this.#publishers, ...this.#readers];
    for (const { link, far } of all) {
      link.resume();
      far.resume();
    }
    await this.#net.pass(1000);
    // Each node tells what was missed before it with the next message that it sends of the topic.
    for (const [from, publisher] of this.#publishers.entries()) {
      for (const topic of topics) this.#sent.publish(publisher, from, topic, true);
      await this.#net.pass(300);
    }
  }

  check(): void {
    for (const [topic, readings] of this.#exact)
      for (const reading of readings) this.#checkOne(reading, this.#sent.of(topic), topic);
    for (const reading of this.#wild) this.#checkOne(reading, this.#sent.all, "all topics");
    assert.equal(this.#net.server.stats.malformed, 0, this.#name);
  }

  #checkOne({ received, missed }: Reading, sent: number, what: string): void {
    const text = `${this.#name}, ${what}: ${received} received and ${missed} missed`;
    assert.equal(received + missed, sent, text);
    this.missed += missed;
  }
}

test("whatever comes, goes and is slow: what is received and what is told as missed make up what was sent, in order", async () => {
  let missed = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const random = new SeededRandom(seed);
    await using net = await BusNetwork.open({ seed, maxQueueBytes: random.pick([2048, 8192]) });
    const schedule = new Schedule(net, random);
    await schedule.open();
    for (let round = 0; round < 40; round++) await schedule.round();
    await schedule.finish();
    schedule.check();
    assert.deepEqual(net.unheard, [], `seed ${seed}`);
    missed += schedule.missed;
  }
  assert.ok(missed > 100, `only ${missed} missed: the schedules try too little`);
});
