import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBus } from "../../../packages/omnibus/src/index-node.ts";
import type { Bus } from "../../../packages/omnibus/src/index.ts";
import { hashPassword, systemRandom } from "../../../packages/omnibus/src/server/index.ts";
import {
  configuration,
  type Credential,
  credentials,
  password,
  tokenOf,
} from "../matrix/credentials.ts";
import { type Heard, type Listener, listenersOf, type Subject } from "../matrix/listeners.ts";
import { may, mixedPattern, patterns, readable, topics } from "../matrix/policy.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";

const servers = [
  { name: "without anonymous clients", hasAnonymous: false, isTls: false },
  { name: "with anonymous clients", hasAnonymous: true, isTls: false },
  { name: "with TLS", hasAnonymous: true, isTls: true },
] as const;

/** Who may what, by one policy, at every listener. */
export const authenticationMatrixRow: Row = {
  name: "authentication-matrix",
  what: "every listener x credential x verb (publish, subscribe, wildcards over denied topics, replay, last value) as one policy says",
  tiers: { 0: "all", 1: "all" },
  isQuick: true,
  run: async ({ progress }) => {
    const matrix = new Matrix(progress);
    const hash = await hashPassword(password, systemRandom);
    for (const { name, hasAnonymous, isTls } of servers) {
      await using server = await startServer(configuration(hash, hasAnonymous), isTls);
      await matrix.server(name, server, hasAnonymous, isTls);
    }
    const { cells, allowed, denied, faults } = matrix;
    const observed = [
      `${allowed} allowed and ${denied} denied as they should be, at 9 listeners of 3 servers`,
    ];
    return { count: cells, unit: "cells", observed, faults };
  },
};

async function startServer(config: string, isTls: boolean): Promise<BatteryServer> {
  if (!isTls) return await BatteryServer.start({ config, args: ["--log-level", "error"] });
  return await BatteryServer.start({ config, args: ["--log-level", "error"], hasTls: true });
}

class Matrix {
  readonly faults: string[] = [];
  cells = 0;
  allowed = 0;
  denied = 0;
  readonly #progress: (text: string) => void;
  #marks = 0;

  constructor(progress: (text: string) => void) {
    this.#progress = progress;
  }

  async server(
    name: string,
    server: BatteryServer,
    hasAnonymous: boolean,
    isTls: boolean,
  ): Promise<void> {
    const ca = isTls ? readFileSync(join(server.dataFolder, "cert.pem"), "utf8") : undefined;
    const observer = await openBus({
      connect: server.url,
      credentials: { kind: "token", token: tokenOf("observer") },
      ...(ca !== undefined && { ca }),
    });
    const seen = new Set<unknown>();
    for (const pattern of ["**", "$sys/**"]) {
      await observer.subscribe(pattern, ({ value }) => void seen.add(value)).ready;
    }
    const nowSecs = Math.floor(Date.now() / 1000);
    for (const listener of listenersOf(server.port, ca)) {
      for (const credential of credentials(nowSecs, hasAnonymous)) {
        const where = `${listener.name} ${name}, ${credential.name}`;
        this.#progress(where);
        await this.#credential(where, listener, credential, { observer, seen });
      }
    }
    await observer.close();
    this.faults.push(...(isTls ? [] : await server.faults()));
  }

  async #credential(
    where: string,
    listener: Listener,
    credential: Credential,
    watch: { readonly observer: Bus; readonly seen: ReadonlySet<unknown> },
  ): Promise<void> {
    const { rights } = credential;
    const subject = await listener.enter(credential);
    this.#cell(where, "enters", subject !== undefined, rights !== undefined);
    if (subject === undefined || rights === undefined) return;
    await using _ = subject;
    for (const topic of topics) {
      const mark = this.#mark();
      const isTold = await subject.publish(topic, mark);
      await watch.observer.flush();
      const should = may(rights, "publish", topic);
      this.#cell(where, `publishes to ${topic}`, watch.seen.has(mark), should);
      if (isTold !== undefined) {
        this.#cell(where, `is told that it published to ${topic}`, isTold, should);
      }
    }
    for (const pattern of patterns) {
      const wanted = readable(rights, pattern);
      const heard = await this.#live(subject, pattern, watch.observer);
      this.#compare(where, `subscribed to ${pattern}`, heard, wanted);
    }
    for (const [pattern, replay] of [
      ["**", 10],
      ["**", 1],
      ["a/*", 1],
      ["a/secret", 1],
      ["open/hidden", 10],
    ] as const) {
      const heard = await subject.listen(pattern, replay, () => Promise.resolve());
      this.#compare(
        where,
        `with the last ${replay} of ${pattern}`,
        heard,
        readable(rights, pattern),
      );
    }
  }

  /** Hears only what is published meanwhile. */
  async #live(subject: Subject, pattern: string, observer: Bus): Promise<Heard> {
    const mark = this.#mark();
    const heard = await subject.listen(pattern, 0, async () => {
      for (const topic of topics) observer.publish(topic, mark);
      await observer.flush();
    });
    return { ...heard, messages: heard.messages.filter(({ payload }) => payload === mark) };
  }

  #compare(where: string, what: string, heard: Heard, wanted: readonly string[]): void {
    const got = new Set(heard.messages.map(({ topic }) => topic));
    // A pattern that meets an allowed and a denied one may be taken; what it must not hear it does not.
    if (wanted.length > 0 || !what.includes(mixedPattern)) {
      this.#cell(where, `${what} is refused`, heard.isRefused, wanted.length === 0);
    }
    for (const topic of topics)
      this.#cell(where, `${what} hears ${topic}`, got.has(topic), wanted.includes(topic));
  }

  #cell(where: string, what: string, is: boolean, should: boolean): void {
    this.cells++;
    if (is === should) {
      if (is) this.allowed++;
      else this.denied++;
    } else this.faults.push(`${where}: ${what}: ${is ? "wrongly yes" : "wrongly no"}`);
  }

  #mark(): string {
    this.#marks++;
    return `mark ${this.#marks}`;
  }
}
