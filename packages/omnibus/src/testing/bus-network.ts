import { OmnibusError, type Realm } from "../base/index.ts";
import { type Bus, type BusOptions, createBus } from "../bus/index.ts";
import { type Dialer, type Link, createMemoryLinks } from "../link/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { SeededRandom } from "./seeded-random.ts";

/** Opens the programs of all networks from now on: the full bus, or another one with the same verbs. */
export type OpensClient = (options: BusOptions & { readonly connect: string }) => Promise<Bus>;

let opensClient: OpensClient = createBus;

/** Runs the suites that come after it with programs of another kind than the full bus. */
export function useClients(opens: OpensClient): void {
  opensClient = opens;
}

/** Whether programs are full buses, which can do all that is tested. */
export function hasFullClients(): boolean {
  return opensClient === createBus;
}

/** A program that is connected to the server. */
export interface TestClient {
  readonly bus: Bus;
  /** Its end of the link; pausing it makes a receiver that does not read. */
  link: Link;
  /** The server's end. */
  far: Link;
}

/** A server and programs that are connected to it by links in memory, under one clock that stands still. */
export class BusNetwork implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly random: SeededRandom;
  readonly server: Bus;
  /** Links that dialling programs are refused from now on. */
  isDown = false;
  /** Moments, in ms, at which somebody dialled. */
  readonly dialledMs: number[] = [];
  /** Lines of errors that nobody listened to, of all buses. */
  readonly unheard: string[];
  readonly #realm: Realm;
  readonly #opened: Bus[];

  private constructor(
    server: Bus,
    {
      clock,
      random,
      realm,
      unheard,
    }: { clock: FakeClock; random: SeededRandom; realm: Realm; unheard: string[] },
  ) {
    this.unheard = unheard;
    this.server = server;
    this.clock = clock;
    this.random = random;
    this.#realm = realm;
    this.#opened = [server];
  }

  static async open(
    options: BusOptions & { linkRealm?: Realm; seed?: number } = {},
  ): Promise<BusNetwork> {
    const clock = new FakeClock();
    const random = new SeededRandom(options.seed ?? 1);
    const unheard: string[] = [];
    const report = (line: string): void => void unheard.push(line);
    const server = await createBus({ realm: "global", report, ...options, clock, random });
    return new BusNetwork(server, {
      clock,
      random,
      realm: options.linkRealm ?? "global",
      unheard,
    });
  }

  /** Opens a program that is connected to the server. */
  async client(
    options: BusOptions & { bufferBytes?: number; isStream?: boolean; linkRealm?: Realm } = {},
  ): Promise<TestClient> {
    const ends: Pick<TestClient, "link" | "far"> = {
      link: undefined as unknown as Link,
      far: undefined as unknown as Link,
    };
    const dialer: Dialer = {
      schemes: ["test:"],
      dial: () => {
        this.dialledMs.push(this.clock.nowMs());
        if (this.isDown)
          return Promise.reject(new OmnibusError("connect-failed", "the server is down"));
        const [near, far] = createMemoryLinks({
          clock: this.clock,
          realm: options.linkRealm ?? this.#realm,
          isMessageBased: options.isStream !== true,
          isIntegrityProtected: false,
          ...(options.bufferBytes === undefined ? {} : { bufferBytes: options.bufferBytes }),
        });
        ends.link = near;
        ends.far = far;
        this.server.attach(far);
        return Promise.resolve(near);
      },
    };
    const { clock, random } = this;
    const opening = opensClient({
      realm: "global",
      report: (line) => void this.unheard.push(line),
      ...options,
      connect: "test://server",
      dialers: [dialer],
      clock,
      random,
    });
    await this.settled();
    const bus = await opening;
    this.#opened.push(bus);
    return Object.assign(ends, { bus });
  }

  /** Lets all that is under way arrive, without time going on. */
  async settled(): Promise<void> {
    await this.clock.settled(50);
  }

  /** Lets time go on in steps of 100 ms, and all that is under way arrive after each. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.clock.advance(Math.min(100, left));
      await this.clock.settled(5);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const bus of this.#opened.toReversed()) await bus.close({ flushMs: 0 });
    await this.settled();
  }
}
