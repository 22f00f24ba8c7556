/** A plain WebSocket client that speaks JSON, as `ws` makes it. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { Inbox } from "../../../packages/omnibus/src/testing/index.ts";

export type Said = Readonly<Record<string, unknown>>;

export class JsonPeer implements Disposable {
  readonly socket: WebSocket;
  readonly heard: Inbox<Said> = new Inbox<Said>();
  /** The close code. */
  readonly closed: Promise<number>;

  constructor(url: string, options: object = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on("error", () => {});
    this.socket.on("message", (data: Buffer) =>
      this.heard.add(JSON.parse(data.toString()) as Said),
    );
    this.closed = once(this.socket, "close").then(([code]: unknown[]) => {
      this.heard.add({ type: "closed", code });
      return code as number;
    });
  }

  /** An open connection; with `token` one that is authenticated. */
  static async open(port: number, token?: string): Promise<JsonPeer> {
    const peer = new JsonPeer(`ws://127.0.0.1:${port}/`);
    await Promise.race([once(peer.socket, "open"), peer.closed]);
    if (token !== undefined) {
      const answer = await peer.ask({ type: "auth", token });
      if (answer["type"] !== "authenticated") throw new Error(JSON.stringify(answer));
    }
    return peer;
  }

  say(message: object | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Says one thing and returns what is heard next. */
  ask(message: object | string): Promise<Said> {
    this.say(message);
    return this.heard.next();
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
