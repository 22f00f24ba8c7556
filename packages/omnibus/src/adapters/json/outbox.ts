import type { Conversation, Message } from "../../bus/index.ts";
import { Backlog, type Outgoing } from "./backlog.ts";
import { messageBytes } from "./broadcast.ts";
import type { JsonContext } from "./context.ts";
import { idOf } from "./message-id.ts";
import { type Acknowledgeable, Qos1 } from "./qos1.ts";
import type { JsonSubscription } from "./subscriptions.ts";

/** A message that leaves, with what acknowledgement needs to know. */
export interface Tracked extends Outgoing, Acknowledgeable {}

/** Whose messages leave. */
export interface OutboxOwner {
  /** A QoS 1 message will not be sent (again) on this connection. */
  lost(topic: string, id: string): void;
  /** Sends the answer to a command. */
  reply(text: string): void;
}

/**
 * What leaves one connection. A live message that finds the connection's queue full is dropped, counted,
 * and told of in the next message of its subscription. A replay is never dropped for that: it waits
 * until the client has read, and live messages queue up behind it. [JSON-6.5]
 *
 *     QoS 0 --> backlog (no room) --> sent
 *     QoS 1 --> backlog (no room) --> held up (too many unacknowledged) --> Qos1 --> sent
 */
export class Outbox {
  readonly #context: JsonContext;
  readonly #conversation: Conversation;
  readonly #owner: OutboxOwner;
  /** What waits for the client to read. */
  #backlog: Backlog | undefined;
  /** QoS 1 messages of replays that wait for acknowledgements of others, and live ones behind them. */
  #heldUp: Backlog | undefined;
  #qos1: Qos1<Tracked> | undefined;
  isTyped = false;
  dropped = 0;

  constructor(context: JsonContext, conversation: Conversation, owner: OutboxOwner) {
    this.#context = context;
    this.#conversation = conversation;
    this.#owner = owner;
  }

  live(source: JsonSubscription, message: Message): void {
    const isBehind = this.#backlog?.isEmpty === false;
    if (message.qos === 0 && !isBehind) {
      if (this.#hasRoom()) this.#transmit(source, message, false, message.missed);
      else this.#drop(source, message);
      return;
    }
    const outgoing: Outgoing = { source, message, isRedelivered: false };
    if (isBehind) this.#wait(outgoing);
    else this.#offer(outgoing);
  }

  replay(source: JsonSubscription, message: Message, isRedelivered: boolean): void {
    const outgoing: Outgoing = { source, message, isRedelivered };
    if (this.#backlog?.isEmpty !== false && this.#hasRoom()) this.#emit(outgoing);
    else this.#wait(outgoing);
  }

  /**
   * Answers a command behind the replay that waits for the client to read. What waits for
   * acknowledgements is not waited for: they may wait for the answer. [JSON-2.5]
   */
  answer(text: string): void {
    const isBehind = this.#backlog?.isEmpty === false;
    // [JSON-9.4] With too many of them it is not read from any more.
    if (!isBehind || this.#backlog?.addAnswer(text) !== true) this.#owner.reply(text);
  }

  acknowledge(id: string, topic: string | undefined): boolean {
    return this.#qos1?.acknowledge(id, topic) ?? false;
  }

  /** The connection can take more. */
  drained(): void {
    this.#qos1?.resume();
    const backlog = this.#backlog;
    for (let next = backlog?.first(); next !== undefined; next = backlog?.first()) {
      if (!this.#hasRoom()) return;
      backlog?.shift();
      if (typeof next === "string") this.#owner.reply(next);
      else if (next.message === undefined) this.#lose(next.source);
      else this.#emit(next);
    }
  }

  /** Stops sending what is of topics that are no longer wanted. */
  forget(isWanted: (topic: string) => boolean): void {
    this.#backlog?.keep(isWanted);
    this.#heldUp?.keep(isWanted);
    this.#qos1?.forget((one) => !isWanted(one.topic));
  }

  /** Ends it. What was not acknowledged, or not even sent, is told as lost. */
  close(): void {
    const tracked = this.#qos1?.close() ?? [];
    for (const one of tracked) this.#owner.lost(one.topic, one.id);
    for (const waiting of [this.#heldUp, this.#backlog]) {
      for (const { topic, id, qos } of waiting ?? []) if (qos === 1) this.#owner.lost(topic, id);
    }
    this.#heldUp = undefined;
    this.#backlog = undefined;
  }

  #hasRoom(): boolean {
    return this.#conversation.bufferedBytes <= this.#context.settings.maxQueueBytes;
  }

  #emit(outgoing: Outgoing): void {
    const { source, message, isRedelivered } = outgoing;
    if (message.qos === 1) this.#offer(outgoing);
    else this.#transmit(source, message, isRedelivered, message.missed);
  }

  #wait(outgoing: Outgoing): void {
    this.#backlog ??= new Backlog(this.#context.settings);
    if (!this.#backlog.add(outgoing)) this.#drop(outgoing.source, outgoing.message);
  }

  #offer(outgoing: Outgoing): void {
    const { source, message } = outgoing;
    const isBehind = this.#heldUp?.isEmpty === false;
    this.#qos1 ??= this.#createQos1();
    if (isOnTop(this.#qos1, message)) return;
    if (isBehind || (message.isReplay && !this.#qos1.sendNow(trackedOf(outgoing)))) {
      this.#heldUp ??= new Backlog(this.#context.settings);
      if (!this.#heldUp.add(outgoing)) this.#drop(source, message);
    } else if (!message.isReplay && !this.#qos1.offer(trackedOf(outgoing))) {
      this.#drop(source, message);
    }
  }

  /** Some were acknowledged: what is held up goes on. */
  #letOn(qos1: Qos1<Tracked>): void {
    const heldUp = this.#heldUp;
    for (let next = heldUp?.first(); next !== undefined; next = heldUp?.first()) {
      if (typeof next === "string") this.#owner.reply(next);
      else if (next.message === undefined) this.#lose(next.source);
      else if (!isOnTop(qos1, next.message) && !qos1.sendNow(trackedOf(next))) return;
      heldUp?.shift();
    }
  }

  #createQos1(): Qos1<Tracked> {
    const { clock, stats, resendAfterMs, maxResends, maxInFlight, maxQueueBytes } =
      this.#context.settings;
    const qos1: Qos1<Tracked> = new Qos1<Tracked>({
      clock,
      resendAfterMs,
      maxResends,
      maxInFlight,
      maxBytes: maxQueueBytes,
      canSend: () => this.#hasRoom(),
      send: (tracked, resends) => {
        if (resends > 0) stats.resent++;
        const { source, message } = tracked;
        const missed = resends > 0 ? 0 : message.missed;
        this.#transmit(source, message, resends > 0 || tracked.isRedelivered, missed);
      },
      gaveUp: (tracked) => {
        stats.givenUp++;
        this.#owner.lost(tracked.topic, tracked.id);
      },
      nothingWaits: () => this.#letOn(qos1),
    });
    return qos1;
  }

  #transmit(
    source: JsonSubscription,
    message: Message,
    isRedelivered: boolean,
    missedBefore: number,
  ): void {
    const { broadcasts, settings } = this.#context;
    const missed = source.missed + missedBefore;
    const { isTyped } = this;
    settings.stats.delivered++;
    if (missed === 0 && !isRedelivered && !message.isReplay) {
      this.#conversation.send(broadcasts.shared(this.#conversation, message, isTyped));
      return;
    }
    source.missed = 0;
    this.#conversation.send(broadcasts.text(message, { isTyped, isRedelivered, missed }));
  }

  #drop(source: JsonSubscription, message: Message): void {
    source.missed += message.missed;
    this.#lose(source);
    if (message.qos === 1) this.#owner.lost(message.topic, idOf(message));
  }

  #lose(source: JsonSubscription): void {
    source.missed++;
    this.dropped++;
    this.#context.settings.stats.dropped++;
  }
}

/** Whether a replay has what is on its way to the client already. [JSON-7.8] */
function isOnTop(qos1: Qos1<Tracked>, message: Message): boolean {
  if (!message.isReplay) return false;
  const { topic, timeMs } = message;
  return qos1.has(topic, idOf(message), (one) => one.message.timeMs === timeMs);
}

function trackedOf(outgoing: Outgoing): Tracked {
  const { message } = outgoing;
  return {
    ...outgoing,
    topic: message.topic,
    id: idOf(message),
    byteLength: messageBytes(message),
  };
}
