import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import {
  FakeClock,
  MemoryNetwork,
  type NetworkLinkOptions,
  SeededRandom,
  SessionNode,
} from "../testing/index.ts";
import type { Link } from "../link/index.ts";
import { Outbox } from "./outbox.ts";
import { queueLimits } from "./send-queue.ts";
import type { Session } from "./session.ts";

const anonymous = { kind: "anonymous" } as const;

/** A publisher, a middle and receivers, joined by links that overwrite memory as soon as they may. */
class Star {
  readonly clock = new FakeClock();
  readonly random: SeededRandom;
  readonly network: MemoryNetwork;
  readonly middle: SessionNode;
  readonly publisher: SessionNode;
  readonly receivers: SessionNode[] = [];
  /** The middle's ends of the links to the receivers, and the receivers' own. */
  readonly links: { near: Link; far: Link; session: Session }[] = [];

  constructor(seed: number, links: readonly NetworkLinkOptions[], limits = queueLimits(1 << 24)) {
    this.random = new SeededRandom(seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random, split: "random" });
    this.middle = new SessionNode(this.clock);
    this.publisher = new SessionNode(this.clock);
    const [first = {}, ...others] = links;
    const [near, far] = this.network.connect(first);
    this.middle.attach(far, { limits });
    this.publisher.attach(near, { credentials: anonymous, limits });
    for (const options of others) {
      const ends = this.network.connect(options);
      const receiver = new SessionNode(this.clock);
      const session = this.middle.attach(ends[0], { limits });
      receiver.attach(ends[1], { credentials: anonymous });
      this.middle.forwardTo.push(session);
      this.receivers.push(receiver);
      this.links.push({ near: ends[0], far: ends[1], session });
    }
    this.clock.settle();
  }

  /** All queues are empty, and all memory is back. */
  isQuiet(): void {
    for (const node of [this.middle, this.publisher, ...this.receivers]) {
      for (const { sender } of node.sessions) assert.equal(sender.queue.chargedBytes, 0);
      assert.equal(node.pool.lent, 2, "the spool and the slab of the encoder");
      assert.equal(node.pool.returnedTwice, 0);
    }
    assert.equal(this.network.memory.lent, 0);
    assert.equal(this.network.memory.returnedTwice, 0);
  }
}

/** A payload that tells whether it was overwritten anywhere. */
function payload(n: number, bytes: number): Uint8Array {
  const filled = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at++) filled[at] = (n * 31 + at * 7) & 0xff;
  return filled;
}

for (const mustCopy of [false, true]) {
  for (const isIntegrityProtected of [false, true]) {
    const how = `${mustCopy ? "lent" : "held"} memory, ${isIntegrityProtected ? "without" : "with"} hash`;
    test(`runs of all sizes reach ready, slow and stopped receivers unchanged (${how})`, () => {
      for (let seed = 1; seed <= 6; seed++) {
        const common = { isIntegrityProtected };
        const star = new Star(seed, [
          { ...common, mustCopy },
          { ...common },
          { ...common, bufferBytes: 3000 },
          { ...common, bufferBytes: 3000, isMessageBased: true },
          { ...common, isMessageBased: true },
          { isIntegrityProtected: !isIntegrityProtected, bufferBytes: 1 },
        ]);
        const { clock, random, publisher, receivers, links } = star;
        const sent: Uint8Array[] = [];
        const sizes = [1, 50, 600, 1000, 1990, 2048, 2100, 9000, 33_000, 70_000, 200_000];
        for (let n = 0; n < 150; n++) {
          const bytes = payload(n, random.pick(sizes.slice(0, n % 10 === 0 ? sizes.length : 8)));
          sent.push(bytes);
          publisher.publish(`t/${random.integer(4)}`, bytes);
          const dice = random.integer(8);
          if (dice < 3) clock.settle();
          if (dice === 3) random.pick(links).far.pause();
          if (dice === 4) random.pick(links).far.resume();
          if (dice === 5) publisher.outbox.flush();
        }
        for (const { far } of links) far.resume();
        clock.settle();
        for (const [n, receiver] of receivers.entries()) {
          const hint = `seed ${seed}, receiver ${n}`;
          assert.deepEqual(receiver.events.slice(1), [], hint);
          assert.equal(receiver.arrived.length, sent.length, hint);
          for (const [at, { payload: bytes }] of receiver.arrived.entries()) {
            assert.ok(
              Buffer.compare(bytes, sent[at] as Uint8Array) === 0,
              `${hint}, message ${at}`,
            );
          }
        }
        star.isQuiet();
      }
    });
  }
}

test("receivers that are stopped alike share what is kept for them", () => {
  const star = new Star(1, [{}, ...Array.from({ length: 5 }, () => ({ bufferBytes: 1 }))]);
  const { clock, publisher, links, receivers } = star;
  for (const { far } of links) far.pause();
  for (let n = 0; n < 4; n++) {
    publisher.publish("t", payload(n, 300));
    clock.settle();
  }
  const kept = links.map(({ session }) => session.sender.queue.chargedBytes);
  assert.ok(kept.every((bytes) => bytes === kept[0] && bytes > 0));
  const memory = new Set<ArrayBufferLike>();
  for (const { near } of links) {
    const write = near.write.bind(near);
    near.write = (chunks): boolean => {
      for (const chunk of chunks) memory.add(chunk.buffer);
      return write(chunks);
    };
  }
  for (const { far } of links) far.resume();
  clock.settle();
  for (const receiver of receivers) assert.equal(receiver.arrived.length, 4);
  // All wrote what was encoded once, from what was kept once.
  assert.equal(memory.size, 1);
  star.isQuiet();
});

test("a thousand sessions that are stopped share what waits for them", () => {
  const stuck = 1000;
  const messages = 64;
  const bytes = 1024;
  const star = new Star(1, [{}, ...Array.from({ length: stuck }, () => ({ bufferBytes: 1 }))]);
  const { clock, publisher, links, receivers } = star;
  for (const { far } of links) far.pause();
  publisher.publish("t", payload(0, bytes));
  clock.settle();
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 1; n < messages; n++) {
    publisher.publish("t", payload(n, bytes));
    clock.settle();
  }
  const growth = process.memoryUsage().arrayBuffers - before;
  for (const { session } of links)
    assert.ok(session.sender.queue.chargedBytes > (messages - 1) * bytes);
  // Each for itself would be 64 MB.
  assert.ok(growth < (stuck * messages * bytes) / 32, `${growth} bytes more`);
  for (const { far } of links) far.resume();
  clock.settle();
  for (const receiver of receivers) assert.equal(receiver.arrived.length, messages);
  star.isQuiet();
});

test("sessions that write several frames at once write the same pieces", () => {
  const node = new SessionNode(new FakeClock());
  const pieces: (readonly Uint8Array[])[] = [];
  for (let n = 0; n < 3; n++) {
    const link = linkByHand(() => true);
    const session = node.attach(link, { credentials: anonymous });
    (node.clock as FakeClock).settle();
    link.write = (chunks): boolean => pieces.push([...chunks]) > 0;
    node.forwardTo.push(session);
  }
  for (let n = 0; n < 3; n++) node.publish("t", payload(n, 60_000));
  (node.clock as FakeClock).settle();
  assert.equal(pieces.length, 3);
  const [first = []] = pieces;
  assert.ok(first.length > 3);
  for (const others of pieces) {
    assert.equal(others.length, first.length);
    for (const [at, piece] of others.entries()) assert.equal(piece, first[at]);
  }
});

test("a fan-out that fills the spool in the middle sends every run to everybody", () => {
  const star = new Star(2, [{}, {}, { bufferBytes: 2000 }, { isMessageBased: true }]);
  const { clock, publisher, receivers } = star;
  // One frame with so many runs that the middle's spool is full several times while it reads it.
  for (let n = 0; n < 400; n++) publisher.publish(`t/${n % 7}`, payload(n, 900));
  clock.settle();
  for (const receiver of receivers) {
    assert.equal(receiver.arrived.length, 400);
    for (const [n, { topic, payload: bytes }] of receiver.arrived.entries()) {
      assert.equal(topic, `t/${n % 7}`);
      assert.ok(Buffer.compare(bytes, payload(n, 900)) === 0, `message ${n}`);
    }
  }
  star.isQuiet();
});

test("a session that ends with runs waiting and on the way gives all memory back", () => {
  for (const how of ["destroy", "break", "close", "end"] as const) {
    const star = new Star(3, [{}, { bufferBytes: 1 }, {}]);
    const { clock, network, publisher, links, receivers } = star;
    const [slow] = links;
    assert.ok(slow);
    slow.far.pause();
    for (let n = 0; n < 20; n++) {
      publisher.publish("t", payload(n, n % 3 === 0 ? 40_000 : 100));
      clock.settle();
    }
    if (how === "destroy") slow.near.destroy();
    else if (how === "break") network.break(slow.near as never);
    else if (how === "close") slow.far.destroy();
    else slow.session.end(new OmnibusError("overloaded", "too slow"));
    clock.advance(10_000);
    assert.equal(slow.session.state, "closed", how);
    assert.equal(slow.session.sender.queue.chargedBytes, 0);
    publisher.publish("t", payload(99, 100));
    clock.settle();
    assert.equal(receivers[1]?.arrived.length, 21);
    star.isQuiet();
    assert.equal(clock.pendingTimers, 0);
  }
});

/** A link by hand: what `write` does is up to the test. */
function linkByHand(write: (link: Link) => boolean): Link & { written: Uint8Array[] } {
  const link = {
    kind: "memory" as const,
    realm: "process" as const,
    remote: "by hand",
    isIntegrityProtected: true,
    isMessageBased: false,
    written: [] as Uint8Array[],
    open: () => undefined,
    write: (chunks: readonly Uint8Array[]): boolean => {
      link.written.push(Buffer.concat(chunks));
      return write(link);
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
    destroy: () => undefined,
  };
  return link;
}

test("a link that says `written` before its `write` returned false stopped its session for ever", () => {
  const node = new SessionNode(new FakeClock());
  let session: Session | undefined = undefined;
  const link = linkByHand(() => {
    session?.written();
    return false;
  });
  session = node.attach(link, { credentials: anonymous });
  node.clock.soon(() => undefined);
  (node.clock as FakeClock).settle();
  session.sender.tell(node.topic("a"));
  (node.clock as FakeClock).settle();
  assert.equal(link.written.length, 2);
  assert.ok(session.sender.queue.isEmpty);
  assert.equal(session.sender.queue.chargedBytes, 0);
  assert.equal(node.pool.lent, 2);
});

for (const result of [true, false]) {
  test(`a link that ends inside its write, which returns ${result}, leaves nothing behind`, () => {
    const clock = new FakeClock();
    const node = new SessionNode(clock);
    const others: Session[] = [];
    let isEnding = false;
    let session: Session | undefined = undefined;
    const link = linkByHand(() => {
      if (isEnding) session?.closed();
      return result;
    });
    session = node.attach(link, { credentials: anonymous });
    const spare = linkByHand(() => true);
    others.push(node.attach(spare, { credentials: anonymous }));
    clock.settle();
    session.written();
    clock.settle();
    // What the owner does when it hears of the end goes to another session, in the middle of a flush.
    node.closed = (): void => {
      for (let n = 0; n < 40; n++) {
        others[0]?.say.interest({
          isAdded: true,
          pattern: `p/${n}/${"x".repeat(1000)}`,
          realm: "user",
          replay: 0,
        });
      }
      for (let n = 0; n < 40; n++) {
        others[0]?.say.interest({
          isAdded: true,
          pattern: `q/${n}/${"y".repeat(1000)}`,
          realm: "user",
          replay: 0,
        });
      }
    };
    const before = spare.written.length;
    isEnding = true;
    others[0]?.say.interest({ isAdded: true, pattern: "first", realm: "user", replay: 0 });
    session.say.interest({ isAdded: true, pattern: "a", realm: "user", replay: 0 });
    others[0]?.say.interest({ isAdded: true, pattern: "second", realm: "user", replay: 0 });
    clock.settle();
    const said = Buffer.concat(spare.written.slice(before)).toString("latin1");
    const patterns = [...said.matchAll(/first|second|[pq]\/\d+\/(?:x{1000}|y{1000})/gu)].map(
      ([text]) => text.split("/").slice(0, 2).join("/"),
    );
    const expected = ["first", "second"];
    for (const letter of ["p", "q"]) for (let n = 0; n < 40; n++) expected.push(`${letter}/${n}`);
    assert.deepEqual(patterns, expected);
    assert.equal(session.sender.queue.chargedBytes, 0);
    assert.equal(node.pool.lent, 2);
    assert.equal(node.pool.returnedTwice, 0);
  });
}

test("sessions with and without hash share a flush and each gets its own frame", () => {
  const clock = new FakeClock();
  const node = new SessionNode(clock);
  const links = [true, false, true, false].map((isIntegrityProtected) => {
    const link = linkByHand(() => true);
    return Object.assign(link, { isIntegrityProtected });
  });
  for (const link of links) {
    const session = node.attach(link, { credentials: anonymous });
    session.sender.queue.useHash(!link.isIntegrityProtected);
  }
  clock.settle();
  for (const link of links) link.written.length = 0;
  node.publish("t", payload(1, 10));
  clock.settle();
  const sizes = links.map(({ written }) => Buffer.concat(written).length);
  assert.deepEqual(sizes, [sizes[0], (sizes[0] ?? 0) + 4, sizes[0], (sizes[0] ?? 0) + 4]);
});

test("the charge of a queue returns to exactly 0 after any history", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed);
    const star = new Star(
      seed,
      [{}, { bufferBytes: 500 }, { bufferBytes: 5000, isMessageBased: true }],
      queueLimits(30_000),
    );
    const { clock, publisher, middle, links } = star;
    for (let n = 0; n < 200; n++) {
      const { far, session } = random.pick(links);
      const topic = `t/${random.integer(3)}`;
      publisher.publish(topic, payload(n, random.pick([10, 500, 3000])), {
        isPatient: random.integer(4) === 0,
      });
      const dice = random.integer(10);
      if (dice < 3) clock.settle();
      if (dice === 3) far.pause();
      if (dice === 4) far.resume();
      if (dice === 5) session.sender.hold(middle.topic(topic));
      if (dice === 6) session.sender.letGo(middle.topic(topic));
      if (dice === 7) middle.outbox.flush();
    }
    for (const { far, session } of links) {
      far.resume();
      for (let n = 0; n < 3; n++) session.sender.letGo(middle.topic(`t/${n}`));
    }
    clock.settle();
    star.isQuiet();
    for (const [n, { session }] of links.entries()) {
      const arrived =
        star.receivers[n]?.arrived.filter(({ topic }) => !topic.startsWith("gap")) ?? [];
      const lost = session.sender.dropped + (publisher.sessions[0]?.sender.dropped ?? 0);
      assert.equal(arrived.length + lost, 200, `seed ${seed}`);
      assert.deepEqual(
        star.receivers[n]?.events.filter((event) => event.startsWith("damaged")),
        [],
      );
    }
  }
});

test("a flush with nothing to write costs nothing and counts", () => {
  const outbox = new Outbox(new FakeClock());
  const { tick } = outbox;
  outbox.flush();
  assert.equal(outbox.tick, tick + 1);
});
