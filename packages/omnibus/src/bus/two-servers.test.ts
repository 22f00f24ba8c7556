import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import { createMemoryLinks, type Dialer, type Link } from "../link/index.ts";
import { FakeClock, SeededRandom } from "../testing/index.ts";
import type { BusOptions } from "./bus-options.ts";
import { type Bus, createBus } from "./open-bus.ts";

/** Two servers that know nothing of each other, and programs that are connected to both. */
class TwoServers implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly servers: Bus[] = [];
  /** The programs' ends of all links, in the order in which they were dialled. */
  readonly links: Link[] = [];
  readonly #random = new SeededRandom(1);
  readonly #programs: Bus[] = [];
  /** Who cannot be dialled now, by host. */
  down = "";

  async open(options: BusOptions = {}): Promise<this> {
    const { clock } = this;
    for (let n = 0; n < 2; n++)
      this.servers.push(
        await createBus({ realm: "global", ...options, clock, random: this.#random }),
      );
    return this;
  }

  async program(options: BusOptions = {}): Promise<Bus> {
    const { clock } = this;
    const dialer: Dialer = {
      schemes: ["test:"],
      dial: ({ hostname }) => {
        if (hostname === this.down)
          return Promise.reject(new OmnibusError("connect-failed", "the server is down"));
        const [near, far] = createMemoryLinks({ clock, realm: "global", isMessageBased: true });
        this.links.push(near);
        this.servers[hostname === "a" ? 0 : 1]?.attach(far);
        return Promise.resolve(near);
      },
    };
    const connect = ["test://a", "test://b"];
    const given = { realm: "global", ...options, connect, dialers: [dialer] } as const;
    const opening = createBus({ ...given, clock, random: this.#random });
    await clock.settled(50);
    const bus = await opening;
    this.#programs.push(bus);
    return bus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const bus of [...this.#programs, ...this.servers]) await bus.close({ flushMs: 0 });
    await this.clock.settled(50);
  }
}

test("a program that is connected to two servers joined them: messages went round in circles", async () => {
  await using net = await new TwoServers().open();
  const programs = [await net.program(), await net.program(), await net.program()];
  const got = programs.map((bus) => {
    const values: unknown[] = [];
    bus.subscribe("t", ({ value }) => values.push(value));
    return values;
  });
  await net.clock.settled(50);
  net.servers[0]?.publish("t", "of one server");
  await net.clock.settled(100);
  assert.deepEqual(got, [["of one server"], ["of one server"], ["of one server"]]);
  assert.equal(net.servers[1]?.stats.received, 0);
  programs[0]?.publish("t", "of a program");
  await net.clock.settled(100);
  // Once over each server: they have two ways, and nothing tells the two apart.
  const twice = ["of one server", "of a program", "of a program"];
  assert.deepEqual(got, [["of one server", "of a program"], twice, twice]);
  assert.deepEqual(
    net.servers.map(({ stats }) => stats.malformed),
    [0, 0],
  );
});

test("while one server was away, nothing live came from the other to who had asked for history", async () => {
  await using net = await new TwoServers().open();
  const bus = await net.program();
  net.down = "b";
  net.links[1]?.destroy();
  await net.clock.settled(50);
  const got: unknown[] = [];
  bus.subscribe("t", ({ value }) => got.push(value), { replay: 1 });
  await net.clock.settled(50);
  net.servers[0]?.publish("t", 1);
  await net.clock.settled(50);
  assert.deepEqual(got, [1]);
});
