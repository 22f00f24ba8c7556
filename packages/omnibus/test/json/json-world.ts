import assert from "node:assert/strict";
import {
  createJsonAdapter,
  type JsonAdapterOptions,
  JsonStats,
} from "../../src/adapters/json/index.ts";
import { OmnibusError } from "../../src/base/index.ts";
import type { Adapter, Caller, Credentials, Principal } from "../../src/bus/index.ts";
import {
  FakeClock,
  RecordingConversation,
  type RecordingConversationOptions,
  SeededRandom,
} from "../../src/testing/index.ts";
import { FakeBus } from "./fake-bus.ts";

export const uuid4: RegExp =
  /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A broadcast, as clients read it. */
export interface Broadcast {
  readonly topic: string;
  readonly payload: unknown;
  readonly timestamp: number;
  readonly message_id: string;
  readonly qos: number;
  readonly missed?: number;
  readonly redelivered?: boolean;
  readonly encoding?: string;
}

/**
 * The JSON adapter on a bus of its own, with a clock that stands still. The token `ada` belongs to
 * `user:ada`, and so on; `bad...` to nobody; `broken` makes the server fail. Every password is `password`.
 */
export class JsonWorld {
  readonly clock: FakeClock = new FakeClock({ wallMs: 1_689_475_200_000 });
  readonly bus: FakeBus;
  readonly stats: JsonStats = new JsonStats();
  readonly reported: string[] = [];
  readonly callers: Caller[] = [];
  readonly adapter: Adapter;
  /** Set: logins and auths wait until `release`. */
  isHeld = false;
  tokenEndsAtMs: number | undefined;
  #held: (() => void)[] = [];

  constructor(options: Partial<JsonAdapterOptions> & { countPerTopic?: number } = {}) {
    const { countPerTopic, ...rest } = options;
    this.bus = new FakeBus(this.clock, countPerTopic === undefined ? {} : { countPerTopic });
    this.adapter = createJsonAdapter({
      clock: this.clock,
      random: new SeededRandom(1),
      stats: this.stats,
      report: (error) => this.reported.push(error.message),
      history: {
        cover: (topic) => this.bus.history.cover(topic),
        last: (pattern, count) => this.bus.last(pattern, count),
      },
      login: (user, password, caller) => this.#login(user, password, caller),
      enter: (credentials, caller) => this.#enter(credentials, caller),
      ...rest,
    });
  }

  connect(options: RecordingConversationOptions = {}): RecordingConversation {
    return new RecordingConversation(this.adapter, options);
  }

  /** A connection that has authenticated with this token. */
  async client(token = "ada"): Promise<RecordingConversation> {
    const client = this.connect();
    client.say({ type: "auth", token });
    await this.settled();
    assert.deepEqual(client.take(), [{ type: "authenticated", status: "authenticated" }]);
    return client;
  }

  /** The same, subscribed. */
  async subscriber(topic: string, token = "ada"): Promise<RecordingConversation> {
    const client = await this.client(token);
    client.say({ type: "subscribe", topic });
    return client;
  }

  settled(): Promise<void> {
    return this.clock.settled();
  }

  release(): void {
    this.isHeld = false;
    for (const go of this.#held) go();
    this.#held = [];
  }

  async #login(user: string, password: string, caller: Caller): Promise<string> {
    this.callers.push({ remote: caller.remote, origin: caller.origin });
    await this.#gate();
    if (user === "broken") throw new Error("disk on fire");
    if (user === "busy") throw new OmnibusError("overloaded", "too many logins at once");
    if (user === "limited") throw new OmnibusError("too-many", "wait");
    if (password !== "password") throw new OmnibusError("not-authenticated", "no");
    return user;
  }

  async #enter(credentials: Credentials, caller: Caller) {
    this.callers.push({ remote: caller.remote, origin: caller.origin });
    await this.#gate();
    const token = credentials.kind === "token" ? credentials.token : "";
    if (token === "broken") throw new Error("disk on fire");
    if (token === "limited") throw new OmnibusError("too-many", "wait");
    if (token.startsWith("bad")) throw new OmnibusError("not-authenticated", "no");
    const name = credentials.kind === "anonymous" ? "anonymous:json" : `user:${token}`;
    const principal: Principal =
      this.tokenEndsAtMs === undefined
        ? { name, roles: [] }
        : { name, roles: [], expiresAtMs: this.tokenEndsAtMs };
    return this.bus.enter(principal);
  }

  #gate(): Promise<void> {
    if (!this.isHeld) return Promise.resolve();
    return new Promise((resolve) => this.#held.push(resolve));
  }
}

/** The broadcasts among what a client got since it last looked. */
export function broadcasts(client: RecordingConversation): Broadcast[] {
  return client.take().filter((one): one is Broadcast => {
    return typeof one === "object" && one !== null && "payload" in one;
  });
}

/** Their payloads. */
export function payloads(client: RecordingConversation): unknown[] {
  return broadcasts(client).map((one) => one.payload);
}

/** The one error reply that a client got since it last looked. */
export function onlyError(client: RecordingConversation): { code: string; message: string } {
  const all = client.take() as { type: string; code: string; message: string; error: string }[];
  assert.equal(all.length, 1, JSON.stringify(all));
  const [one] = all;
  assert.ok(one?.type === "error" && one.error === one.message);
  return { code: one.code, message: one.message };
}
