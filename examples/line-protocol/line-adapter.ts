/**
 * A foreign protocol on the bus, as a third party would write it: lines of text, one command each.
 *
 *   HELLO [token]          who is there; answered with `OK name`, and to be said first
 *   SUB pattern            from now on `MSG topic text` for each message
 *   UNSUB pattern
 *   PUB topic text
 *
 * What goes wrong is `ERR code text`; `MISSED count` says what a slow client was not sent. A blank in
 * a topic is written `%20`, a percent sign `%25`.
 */
import { type Message, OmnibusError, type Subscription } from "omnibus";
import type {
  Adapter,
  BusView,
  Caller,
  Conversation,
  ConversationHandler,
  Credentials,
} from "omnibus/adapter";

/** Lets a client onto the bus: `bus.enter`. */
export type Enter = (credentials: Credentials, from: Caller) => Promise<BusView>;

/** The protocol as an adapter: one conversation is one client, one text is one line. */
export function createLineAdapter(enter: Enter): Adapter {
  return (conversation) => new LineClient(enter, conversation);
}

class LineClient implements ConversationHandler {
  readonly #enter: Enter;
  readonly #conversation: Conversation;
  readonly #subscriptions = new Map<string, Subscription<unknown>>();
  #view: BusView | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isFull = false;
  #missed = 0;
  #isOver = false;

  constructor(enter: Enter, conversation: Conversation) {
    this.#enter = enter;
    this.#conversation = conversation;
  }

  // One line after the other: those behind HELLO wait for its answer.
  text(line: string): void {
    this.#turn = this.#turn.then(() => this.#command(line)).catch((e: unknown) => this.#failed(e));
  }

  bytes(): void {
    this.#conversation.close("bad-protocol", "this protocol is text");
  }

  async #command(line: string): Promise<void> {
    if (this.#isOver) return;
    const [, verb = "", first = "", rest = ""] = /^(\S*) ?(\S*) ?(.*)$/su.exec(line) ?? [];
    if (verb === "HELLO" && this.#view === undefined) return await this.#hello(first);
    if (this.#view === undefined) throw new OmnibusError("not-authenticated", "say HELLO first");
    const name = first.replaceAll("%20", " ").replaceAll("%25", "%");
    if (verb === "SUB") this.#subscribe(this.#view, name);
    else if (verb === "UNSUB") await this.#unsubscribe(name);
    else if (verb === "PUB") this.#publish(this.#view, name, rest);
    else this.#send(`ERR unknown-command ${verb}`);
  }

  async #hello(token: string): Promise<void> {
    this.#conversation.pause(); // what waits for the answer stays with the sender
    const view = await this.#enter(
      token === "" ? { kind: "anonymous", protocol: "line" } : { kind: "token", token },
      this.#conversation,
    ).finally(() => this.#conversation.resume());
    if (this.#isOver) return void (await view.close());
    this.#view = view;
    this.#send(`OK ${view.principal.name}`);
  }

  #subscribe(view: BusView, pattern: string): void {
    if (this.#subscriptions.has(pattern)) return;
    const subscription = view.subscribe(pattern, (message) => this.#deliver(message));
    this.#subscriptions.set(pattern, subscription);
  }

  async #unsubscribe(pattern: string): Promise<void> {
    await this.#subscriptions.get(pattern)?.close();
    this.#subscriptions.delete(pattern);
  }

  #publish(view: BusView, topic: string, text: string): void {
    if (view.publish(topic, text)) return;
    // A queue is above its mark: this client is not read from until all are below.
    this.#conversation.pause();
    void view.drained().then(() => this.#conversation.resume());
  }

  #deliver(message: Message): void {
    this.#missed += message.missed;
    if (this.#isFull) this.#missed++;
    else {
      this.#tellMissed();
      const topic = message.topic.replaceAll("%", "%25").replaceAll(" ", "%20");
      this.#send(`MSG ${topic} ${textOf(message)}`);
    }
  }

  #tellMissed(): void {
    if (this.#missed > 0) this.#send(`MISSED ${this.#missed}`);
    this.#missed = 0;
  }

  #send(line: string): void {
    if (!this.#conversation.send(line)) this.#isFull = true;
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    const { code, message } =
      error instanceof OmnibusError ? error : new OmnibusError("internal", String(error));
    this.#send(`ERR ${code} ${message.replace(`[${code}] `, "")}`);
    if (this.#view === undefined) this.#conversation.close("not-authenticated");
  }

  drained(): void {
    this.#isFull = false;
    this.#tellMissed();
  }

  closed(): void {
    this.#isOver = true;
    void this.#view?.close();
  }
}

/** What a message says, in one line. */
function textOf(message: Message): string {
  const text = message.format === "text" ? String(message.value) : message.json;
  return (text ?? `(${message.bytes.length} bytes)`).replaceAll(/[\r\n]+/gu, " ");
}
