import { asOmnibusError, checkPattern, checkTopic, OmnibusError } from "../../base/index.ts";
import type { BusView, Conversation, Message } from "../../bus/index.ts";
import { type Command, type PublishCommand, subjectOf } from "./command.ts";
import type { JsonContext } from "./context.ts";
import type { JsonErrorCode } from "./error-table.ts";
import { type ErrorSubject, failureOf, type ReplyPort } from "./failure.ts";
import { toBusName, toJsonName } from "./json-names.ts";
import { idOf } from "./message-id.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import { confirmation } from "./replies.ts";
import { JsonSubscription, JsonSubscriptions } from "./subscriptions.ts";

type CommandOf<Type extends Command["type"]> = Extract<Command, { readonly type: Type }>;

/** An authenticated client: what it subscribes to, publishes and acknowledges. */
export class JsonClient implements OutboxOwner {
  readonly #context: JsonContext;
  readonly #port: ReplyPort;
  readonly #outbox: Outbox;
  readonly #subscriptions: JsonSubscriptions;
  #view: BusView;
  #isClosed = false;

  constructor(context: JsonContext, conversation: Conversation, port: ReplyPort, view: BusView) {
    this.#context = context;
    this.#port = port;
    this.#view = view;
    this.#subscriptions = new JsonSubscriptions(context.settings.maxNameBytes);
    this.#outbox = new Outbox(context, conversation, this);
  }

  /** Who the client acts as. */
  get principal(): string {
    return this.#view.principal.name;
  }

  /** Messages for this client that were dropped because its connection was full. */
  get dropped(): number {
    return this.#outbox.dropped;
  }

  /** Whether broadcasts carry `"type":"message"`. */
  set isTyped(isTyped: boolean) {
    this.#outbox.isTyped = isTyped;
  }

  /** Does what a command asks, and answers. */
  handle(command: Exclude<Command, { readonly type: "login" | "auth" }>): void {
    try {
      if (command.type === "subscribe") this.#subscribe(command);
      else if (command.type === "unsubscribe") this.#unsubscribe(command);
      else if (command.type === "publish") this.#publish(command);
      else this.#acknowledge(command);
    } catch (error) {
      this.#failed(error, subjectOf(command));
    }
  }

  #failed(error: unknown, subject: ErrorSubject): void {
    const { code, detail } = failureOf(error);
    if (code === "internal") this.#context.settings.report(asOmnibusError(error));
    this.#port.fail(code, { ...subject, detail });
  }

  // [JSON-9.5]
  #fail(command: Command, code: JsonErrorCode): void {
    this.#port.fail(code, subjectOf(command));
  }

  lost(topic: string, id: string): void {
    this.#context.unacknowledged.remember(this.principal, topic, id);
  }

  reply(text: string): void {
    this.#port.reply(text);
  }

  /** The conversation can take more. */
  drained(): void {
    this.#outbox.drained();
  }

  /** Goes on with other credentials of the same principal; subscriptions stay, as far as they can. */
  rebind(view: BusView): void {
    const old = this.#view;
    this.#view = view;
    for (const source of this.#subscriptions) {
      try {
        if (!view.may("subscribe", source.pattern))
          throw new OmnibusError("denied", source.pattern);
        this.#open(source, 0);
      } catch (error) {
        this.#drop(source);
        this.#failed(error, { topic: toJsonName(source.pattern) });
      }
    }
    this.#outbox.forget(
      (topic) => this.#subscriptions.matches(topic) && view.may("subscribe", topic),
    );
    this.#context.inBackground(old.close());
  }

  /** The connection is gone. */
  close(): void {
    this.#isClosed = true;
    this.#outbox.close();
    this.#context.inBackground(this.#view.close());
  }

  // [JSON-4.1]
  #subscribe(command: CommandOf<"subscribe">): void {
    const pattern = toBusName(command.topic);
    checkPattern(pattern);
    if (!this.#view.may("subscribe", pattern)) return this.#fail(command, "denied");
    const known = this.#subscriptions.get(pattern);
    // [JSON-4.3] Neither twice the messages nor twice the replay.
    if (known !== undefined) return this.#confirmReady(command, known);
    const { history, maxSubscriptions, replayCount } = this.#context.settings;
    const hasRoom = this.#subscriptions.hasRoomFor(pattern);
    if (this.#subscriptions.size >= maxSubscriptions || !hasRoom) {
      return this.#fail(command, "too-many-subscriptions");
    }
    const replay = command.replay ?? replayCount;
    const left = this.#context.unacknowledged.take(this.principal, pattern);
    const source = new JsonSubscription(pattern, command.replay !== undefined, left);
    if (!source.isWildcard) history.cover(pattern);
    if (left.size > 0) this.#repeatLeft(source, replay);
    this.#subscriptions.add(source);
    try {
      this.#open(source, replay);
    } catch (error) {
      this.#drop(source);
      // [JSON-7.7] They come with the next subscribe, then.
      for (const [topic, ids] of left) for (const id of ids) this.lost(topic, id);
      throw error;
    }
    return this.#confirmReady(command, source);
  }

  #open(source: JsonSubscription, replay: number): void {
    const old = source.onBus;
    const onBus = this.#subscriptions.rememberAll(() =>
      this.#view.subscribe<unknown>(source.pattern, (message) => this.#deliver(source, message), {
        replay,
      }),
    );
    source.onBus = onBus;
    this.#context.inBackground(
      onBus.ready.catch((error: unknown) => {
        if (source.onBus === onBus) this.#refused(source, error);
      }),
    );
    if (old !== undefined) this.#context.inBackground(old.close());
  }

  /** Another server has refused it. */
  #refused(source: JsonSubscription, error: unknown): void {
    if (this.#subscriptions.get(source.pattern) !== source) return;
    this.#drop(source);
    this.#failed(error, { topic: toJsonName(source.pattern) });
  }

  /** Sends again what is older than the replay that follows. [JSON-7.7] */
  #repeatLeft(source: JsonSubscription, replay: number): void {
    const { history } = this.#context.settings;
    const recent = new Set<string>();
    for (const message of history.last(source.pattern, replay)) {
      recent.add(`${message.topic}\n${idOf(message)}`);
    }
    for (const message of history.last(source.pattern, Number.POSITIVE_INFINITY)) {
      const id = idOf(message);
      if (source.left.get(message.topic)?.has(id) !== true) continue;
      if (recent.has(`${message.topic}\n${id}`)) continue;
      if (!this.#view.may("subscribe", message.topic)) continue;
      this.#outbox.replay(source, message, true);
    }
  }

  #deliver(source: JsonSubscription, message: Message): void {
    if (this.#isClosed) return;
    const { topic } = message;
    if (!message.isReplay) {
      if (this.#subscriptions.isOwner(source, topic)) this.#outbox.live(source, message);
      return;
    }
    const isLeft = source.left.get(topic)?.has(idOf(message)) ?? false;
    const isAsked = isLeft || source.isReplayAsked;
    // [JSON-4.5] What another subscription brought already is replayed only to who asks for it.
    if (!isAsked && this.#subscriptions.hasOther(source, topic)) return;
    this.#outbox.replay(source, message, isLeft);
  }

  // [JSON-2.5]
  #confirmReady(command: CommandOf<"subscribe">, source: JsonSubscription): void {
    if (!command.isConfirmed || source.onBus === undefined) return;
    const text = confirmation("subscribe", { topic: command.topic });
    const told = source.onBus.ready.then(
      () => {
        if (!this.#isClosed) this.#outbox.answer(text);
      },
      // Its error is the answer.
      () => undefined,
    );
    this.#context.inBackground(told);
  }

  // [JSON-4.6]
  #unsubscribe(command: CommandOf<"unsubscribe">): void {
    const pattern = toBusName(command.topic);
    checkPattern(pattern);
    const source = this.#subscriptions.get(pattern);
    if (source !== undefined) this.#drop(source);
    if (command.isConfirmed) {
      this.#port.reply(confirmation("unsubscribe", { topic: command.topic }));
    }
  }

  #drop(source: JsonSubscription): void {
    this.#subscriptions.remove(source);
    if (source.onBus !== undefined) this.#context.inBackground(source.onBus.close());
    this.#outbox.forget((topic) => this.#subscriptions.matches(topic));
  }

  // [JSON-5.1]
  #publish(command: PublishCommand): void {
    const topic = toBusName(command.topic);
    checkTopic(topic);
    if (!this.#view.may("publish", topic)) return this.#fail(command, "denied");
    const { clock, history, stats } = this.#context.settings;
    history.cover(topic);
    const id = command.messageId ?? this.#context.ids.next();
    const isBelowMark = this.#view.publishRaw(
      topic,
      { format: "json", text: command.payload },
      { qos: command.qos, id, timeMs: clock.wallMs() },
    );
    stats.published++;
    if (command.isConfirmed) {
      this.#port.reply(confirmation("publish", { topic: command.topic, message_id: id }));
    }
    if (!isBelowMark) this.#port.holdUntil(this.#view.drained());
    return undefined;
  }

  // [JSON-7.4]
  #acknowledge(command: CommandOf<"ack">): void {
    const topic = command.topic === undefined ? undefined : toBusName(command.topic);
    if (!this.#outbox.acknowledge(command.messageId, topic)) {
      return this.#fail(command, "unknown-message");
    }
    if (command.isConfirmed) {
      this.#port.reply(confirmation("ack", { message_id: command.messageId }));
    }
    return undefined;
  }
}
