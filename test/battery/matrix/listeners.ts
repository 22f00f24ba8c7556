/** Every way in, as one interface: somebody who got in and can be asked to do things. */
import { once } from "node:events";
import { openBus } from "../../../packages/omnibus/src/index-node.ts";
import type { Bus } from "../../../packages/omnibus/src/index.ts";
import { OmnibusError } from "../../../packages/omnibus/src/base/index.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import type { Credential } from "./credentials.ts";

/** A subscription's fate: refused, or the topics and payloads that came until now. */
export interface Heard {
  readonly isRefused: boolean;
  /** Topic and payload of each message, history marked. */
  readonly messages: readonly { readonly topic: string; readonly payload: unknown }[];
}

export interface Subject extends AsyncDisposable {
  /** Whether it was let; undefined where that is told only within a second. */
  publish(topic: string, payload: string): Promise<boolean | undefined>;
  /** Subscribes, lets `meanwhile` happen, and tells what came of both. */
  listen(pattern: string, replay: number, meanwhile: () => Promise<void>): Promise<Heard>;
}

export interface Listener {
  readonly name: string;
  /** Undefined for who is not let in. */
  readonly enter: (credential: Credential) => Promise<Subject | undefined>;
}

/** The ways into a server; with `ca` by TLS. */
export function listenersOf(port: number, ca: string | undefined): readonly Listener[] {
  const isTls = ca !== undefined;
  const native = (scheme: string): Listener => ({
    name: `native ${scheme}`,
    enter: (credential) => enterNative(`${scheme}://127.0.0.1:${port}`, ca, credential),
  });
  const json = `${isTls ? "wss" : "ws"}://127.0.0.1:${port}/`;
  return [
    native(isTls ? "tls" : "tcp"),
    native(isTls ? "wss" : "ws"),
    {
      name: `JSON ${isTls ? "wss" : "ws"}`,
      enter: (credential) => enterJson(json, ca, credential),
    },
  ];
}

async function enterNative(
  url: string,
  ca: string | undefined,
  { shows }: Credential,
): Promise<Subject | undefined> {
  let bus: Bus;
  try {
    bus = await openBus({ connect: url, credentials: shows, ...(ca !== undefined && { ca }) });
  } catch (error) {
    if (error instanceof OmnibusError && error.code === "not-authenticated") return undefined;
    throw error;
  }
  bus.on("error", () => {}); // what was denied is told there, at most once a second
  return {
    publish: async (topic, payload) => {
      bus.publish(topic, payload);
      await bus.flush();
      return undefined;
    },
    listen: async (pattern, replay, meanwhile) => {
      const messages: { topic: string; payload: unknown }[] = [];
      const subscription = bus.subscribe(
        pattern,
        ({ topic, value }) => messages.push({ topic, payload: value }),
        { replay },
      );
      const isRefused = await subscription.ready.then(
        () => false,
        (error: unknown) => {
          if (error instanceof OmnibusError && error.code === "denied") return true;
          throw error;
        },
      );
      await meanwhile();
      await bus.flush();
      await subscription.close();
      return { isRefused, messages };
    },
    [Symbol.asyncDispose]: async () => void (await bus.close({ flushMs: 0 })),
  };
}

async function enterJson(
  url: string,
  ca: string | undefined,
  { shows }: Credential,
): Promise<Subject | undefined> {
  const peer = new JsonPeer(url, ca === undefined ? {} : { ca });
  await Promise.race([once(peer.socket, "open"), peer.closed]);
  if (shows.kind === "token" && !(await hasAuthenticated(peer, shows.token))) return undefined;
  if (shows.kind === "password") {
    const answer = await peer.ask({
      type: "login",
      username: shows.user,
      password: shows.password,
    });
    const token = answer["token"];
    if (typeof token !== "string" || !(await hasAuthenticated(peer, token))) {
      peer[Symbol.dispose]();
      return undefined;
    }
  }
  // Who shows nothing learns with the first command whether that is enough.
  const first = await peer.ask({ type: "unsubscribe", topic: "sentinel", confirm: true });
  if (first["type"] !== "confirmed") {
    peer[Symbol.dispose]();
    return undefined;
  }
  return {
    publish: async (topic, payload) => {
      const answer = await peer.ask({ type: "publish", topic, payload, confirm: true });
      return answer["type"] === "confirmed";
    },
    listen: (pattern, replay, meanwhile) => listenJson(peer, pattern, replay, meanwhile),
    [Symbol.asyncDispose]: () => {
      peer[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

async function hasAuthenticated(peer: JsonPeer, token: string): Promise<boolean> {
  const answer = await peer.ask({ type: "auth", token });
  if (answer["type"] === "authenticated") return true;
  peer[Symbol.dispose]();
  return false;
}

async function listenJson(
  peer: JsonPeer,
  topic: string,
  replay: number,
  meanwhile: () => Promise<void>,
): Promise<Heard> {
  const messages: { topic: string; payload: unknown }[] = [];
  let isRefused = false;
  const until = async (command: string): Promise<void> => {
    for (;;) {
      const said = await peer.heard.next();
      if (said["type"] === "closed") throw new Error(`closed with ${JSON.stringify(said["code"])}`);
      if (said["type"] === "confirmed" && said["command"] === command) return;
      if (said["type"] === "error") {
        if (said["code"] !== "denied") throw new Error(JSON.stringify(said));
        isRefused = true;
        return;
      }
      messages.push({ topic: said["topic"] as string, payload: said["payload"] });
    }
  };
  peer.say({ type: "subscribe", topic, replay, confirm: true });
  await until("subscribe");
  await meanwhile();
  peer.say({ type: "unsubscribe", topic, confirm: true });
  await until("unsubscribe");
  return { isRefused, messages };
}
