import assert from "node:assert/strict";
import { test } from "node:test";
import { type RecordingConversation, SeededRandom } from "../../src/testing/index.ts";
import { broadcasts, JsonWorld } from "./json-world.ts";

/** Fills the history: `perTopic` QoS 1 messages of each of `topics` topics below `t/`. */
async function store(world: JsonWorld, topics: number, perTopic: number): Promise<string[]> {
  const publisher = await world.client("bob");
  const ids: string[] = [];
  for (let n = 0; n < topics * perTopic; n++) {
    const message_id = `m${n}`;
    publisher.say({ type: "publish", topic: `t/${n % topics}`, payload: n, qos: 1, message_id });
    ids.push(message_id);
  }
  return ids;
}

/** Acknowledges whatever comes until nothing does; returns the ids in order. */
function acknowledgeAll(client: RecordingConversation): string[] {
  const ids: string[] = [];
  for (let fresh = broadcasts(client); fresh.length > 0; fresh = broadcasts(client)) {
    for (const { message_id } of fresh) {
      ids.push(message_id);
      client.say({ type: "ack", message_id });
    }
  }
  return ids;
}

test("of a replay of more QoS 1 messages than may fly and wait the rest was dropped [JSON-8.7]", async () => {
  const world = new JsonWorld({ isAnonymousAllowed: true });
  const ids = await store(world, 300, 10);
  const client = world.connect();
  client.say({ type: "subscribe", topic: "t/**" });
  await world.settled();
  assert.deepEqual(acknowledgeAll(client), ids);
  assert.equal(world.stats.dropped, 0);
  world.clock.advance(5000);
  assert.equal(world.clock.pendingTimers, 0);
});

test("what is held up behind a replay keeps its order, and QoS 0 is not held up [JSON-7.5]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const ids = await store(world, 2, 5);
  const client = await world.subscriber("t/*");
  world.bus.publish("t/0", "1", { qos: 1, id: "live" });
  world.bus.publish("t/0", "1", { qos: 0, id: "zero" });
  assert.deepEqual(acknowledgeAll(client), ["m0", "m1", "zero", ...ids.slice(2), "live"]);
  assert.equal(world.stats.dropped, 0);
});

test("live QoS 1 was dropped while a replay took all places of what waits [JSON-8.7]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const ids = await store(world, 2, 2);
  const client = await world.subscriber("t/*");
  for (const id of ["a", "b", "c"]) world.bus.publish("t/0", "1", { qos: 1, id });
  assert.deepEqual(acknowledgeAll(client), [...ids, "a", "b", "c"]);
  assert.equal(world.stats.dropped, 0);
});

test("live messages behind a replay that is held up are bounded, and told of [JSON-8.7]", async () => {
  const world = new JsonWorld({ maxInFlight: 2, maxQueueBytes: 100_000 });
  await store(world, 2, 5);
  const client = await world.subscriber("t/*");
  const live = JSON.stringify("x".repeat(40_000));
  for (let n = 0; n < 4; n++) world.bus.publish("t/0", live, { qos: 1, id: `live${n}` });
  assert.equal(world.stats.dropped, 2);
  const [first] = broadcasts(client);
  client.say({ type: "ack", message_id: first?.message_id });
  assert.equal(broadcasts(client).at(-1)?.missed, 2);
  client.say({ type: "ack", message_id: "m1" });
  assert.deepEqual(acknowledgeAll(client).slice(-2), ["live0", "live1"]);
});

test("a confirmation does not wait for acknowledgements, which may wait for it [JSON-2.5]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  await store(world, 2, 5);
  const client = await world.client();
  client.say({ type: "subscribe", topic: "t/*", confirm: true });
  await world.settled();
  const last = client.take().at(-1);
  assert.deepEqual(last, { type: "confirmed", command: "subscribe", topic: "t/*" });
});

test("what is held up goes on when what flies is given up, and not after the end [JSON-7.2]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  await store(world, 2, 4);
  const client = await world.subscriber("t/*");
  world.clock.advance(30_000);
  const ids = new Set(broadcasts(client).map((one) => one.message_id));
  assert.deepEqual([...ids], ["m0", "m1", "m2", "m3"]);
  client.say({ type: "unsubscribe", topic: "t/*" });
  world.clock.advance(100_000);
  assert.deepEqual(broadcasts(client), []);
});

test("what was held up when a connection ended was never sent to who came back [JSON-7.7]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const ids = await store(world, 2, 5);
  const client = await world.subscriber("t/*");
  client.end();
  const again = await world.client();
  again.say({ type: "subscribe", topic: "t/*", replay: 0 });
  assert.deepEqual(acknowledgeAll(again), ids);
});

/** Ten messages of 80 kB wait for one who does not read and may have 100 kB. */
async function hesitant(qos: 0 | 1): Promise<{ world: JsonWorld; client: RecordingConversation }> {
  const world = new JsonWorld({ maxQueueBytes: 100_000, maxInFlight: 1 });
  const publisher = await world.client("bob");
  for (let n = 0; n < 10; n++) {
    const payload = "x".repeat(80_000);
    publisher.say({ type: "publish", topic: "t", payload, qos, message_id: `m${n}` });
  }
  const client = await world.client();
  client.stopReading();
  client.say({ type: "subscribe", topic: "t" });
  return { world, client };
}

/** What one receives who begins to read. */
function readAll(client: RecordingConversation): { id: string; missed: number }[] {
  const seen: { id: string; missed: number }[] = [];
  for (let round = 0; round < 30; round++) {
    for (const { message_id, missed } of broadcasts(client)) {
      seen.push({ id: message_id, missed: missed ?? 0 });
      client.say({ type: "ack", message_id });
    }
    client.read();
  }
  return seen;
}

for (const qos of [0, 1] as const) {
  test(`a replay is not cut where no more of it is held, QoS ${qos} [JSON-8.7]`, async () => {
    const { world, client } = await hesitant(qos);
    assert.deepEqual(
      readAll(client).map(({ id }) => id),
      Array.from({ length: 10 }, (_, n) => `m${n}`),
    );
    assert.equal(world.stats.dropped, 0);
  });

  test(`who did not read kept alive what the history had let go, QoS ${qos} [JSON-8.7]`, async () => {
    const { world, client } = await hesitant(qos);
    for (let n = 0; n < 9; n++) world.bus.publish("t", "1", { id: `new${n}` });
    const seen = readAll(client);
    const told = seen.reduce((sum, { missed }) => sum + missed, 0);
    assert.ok(told >= 3, String(told));
    assert.equal(world.stats.dropped, told);
    assert.equal(seen.length + told, 10 + 9);
    assert.deepEqual(
      seen.filter(({ id }) => id === "m0" || id === "m9").length,
      2,
      "what is held, and what the history still has",
    );
  });
}

test("whatever a client reads and acknowledges, each message of a replay and behind it comes once, in order, or is counted", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new SeededRandom(seed);
    const world = new JsonWorld({ maxQueueBytes: 100_000, maxInFlight: 3, countPerTopic: 20 });
    const publisher = await world.client("bob");
    let count = 0;
    const publish = (): void => {
      const [n, qos] = [count++, random.integer(2)];
      const payload = { n, x: "x".repeat(random.integer(40_000)) };
      const message = { topic: `t/${random.integer(3)}`, payload, qos, message_id: `m${n}` };
      publisher.say({ type: "publish", ...message });
    };
    for (let n = random.integer(70); n > 0; n--) publish();
    const stored = world.bus.last("t/*", 20).length;
    const before = count;
    const client = await world.client();
    client.stopReading();
    client.say({ type: "subscribe", topic: "t/*", replay: 20 });
    const received: [number[], number[]] = [[], []];
    const unacknowledged: string[] = [];
    const look = (): void => {
      for (const { payload, qos, message_id } of broadcasts(client)) {
        received[qos as 0 | 1].push((payload as { n: number }).n);
        if (qos === 1) unacknowledged.push(message_id);
      }
    };
    const acknowledge = (): void => {
      if (unacknowledged.length === 0) return;
      const [message_id] = unacknowledged.splice(random.integer(unacknowledged.length), 1);
      client.say({ type: "ack", message_id });
    };
    for (let step = 0; step < 200; step++) {
      [publish, acknowledge, (): void => client.read(random.integer(200_000))][
        random.integer(3)
      ]?.();
      look();
    }
    for (let step = 0; step < 500; step++) {
      client.read();
      look();
      acknowledge();
      look();
    }
    for (const each of received) {
      assert.deepEqual(
        each,
        [...new Set(each)].toSorted((a, b) => a - b),
        `seed ${seed}`,
      );
    }
    const sum = received[0].length + received[1].length + world.stats.dropped;
    assert.equal(sum, stored + count - before, `seed ${seed}`);
  }
});
