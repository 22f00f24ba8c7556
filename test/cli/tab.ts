import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";

/** One message of the server. */
export type Said = Readonly<Record<string, unknown>>;

/** One tab of the description's WebSocket client. */
export class Tab implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #heard: Said[] = [];
  #wake: () => void = () => {};
  readonly closed: Promise<number>;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on("error", () => {});
    this.#socket.on("message", (data: Buffer, isBinary: boolean) => {
      assert.equal(isBinary, false);
      this.#heard.push(JSON.parse(data.toString()) as Said);
      this.#wake();
    });
    this.closed = once(this.#socket, "close").then(([code]) => code as number);
  }

  async opened(): Promise<this> {
    await once(this.#socket, "open");
    return this;
  }

  say(...messages: readonly (object | string | Uint8Array)[]): void {
    for (const message of messages) {
      const isPlain = typeof message === "string" || message instanceof Uint8Array;
      this.#socket.send(isPlain ? message : JSON.stringify(message));
    }
  }

  /** What is heard next. */
  async next(): Promise<Said> {
    while (this.#heard.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
    return this.#heard.shift() ?? {};
  }

  async ask(message: object | string | Uint8Array): Promise<Said> {
    this.say(message);
    return await this.next();
  }

  /** Resolves when a WebSocket ping with those bytes is answered with them. */
  async pinged(bytes: Uint8Array): Promise<void> {
    this.#socket.ping(bytes);
    const [answer] = (await once(this.#socket, "pong")) as [Buffer];
    assert.deepEqual(new Uint8Array(answer), bytes);
  }

  /** All that was said before has been handled, and nothing is heard of it but what is returned. */
  async settled(): Promise<Said[]> {
    this.say({ type: "no-such-type" });
    const said: Said[] = [];
    for (;;) {
      const one = await this.next();
      if (one["code"] === "unknown-type") return said;
      said.push(one);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
