import type { Conversation, Message } from "../../bus/index.ts";
import { messageBytes } from "./broadcast.ts";
import type { JsonContext } from "./context.ts";
import { idOf } from "./message-id.ts";
import { type Acknowledgeable, Qos1 } from "./qos1.ts";
import type { JsonSubscription } from "./subscriptions.ts";

/** References only; the messages are the history's, which is bounded itself. */
const maxBacklog = 100_000;

/** A message for one subscription of one connection. */
interface Outgoing {
  readonly source: JsonSubscription;
  readonly message: Message;
  readonly isRedelivered: boolean;
}

/** The same, with what acknowledgement needs to know. */
export interface Tracked extends Outgoing, Acknowledgeable {}

/**
 * What leaves one connection. A live message that finds the connection's queue full is dropped, counted,
 * and told of in the next message of its subscription. A replay is never dropped for that: it waits
 * until the client has read, and live messages queue up behind it. [JSON-6.5]
 */
export class Outbox {
  readonly #context: JsonContext;
  readonly #conversation: Conversation;
  readonly #onLoss: (topic: string, id: string) => void;
  #backlog: Outgoing[] = [];
  #backlogLiveBytes = 0;
  #qos1: Qos1<Tracked> | undefined;
  isTyped = false;
  dropped = 0;

  /** `onLoss` is told of each QoS 1 message that will not be sent (again) on this connection. */
  constructor(
    context: JsonContext,
    conversation: Conversation,
    onLoss: (topic: string, id: string) => void,
  ) {
    this.#context = context;
    this.#conversation = conversation;
    this.#onLoss = onLoss;
  }

  live(source: JsonSubscription, message: Message): void {
    if (message.qos === 0 && this.#backlog.length === 0) {
      if (this.#hasRoom()) this.#transmit(source, message, false, message.missed);
      else this.#drop(source, message);
      return;
    }
    const outgoing: Outgoing = { source, message, isRedelivered: false };
    if (this.#backlog.length > 0) this.#queueLive(outgoing);
    else this.#offer(outgoing);
  }

  replay(source: JsonSubscription, message: Message, isRedelivered: boolean): void {
    const outgoing: Outgoing = { source, message, isRedelivered };
    if (this.#backlog.length === 0 && this.#hasRoom()) this.#emit(outgoing);
    else if (this.#backlog.length < maxBacklog) this.#backlog.push(outgoing);
    else this.#drop(source, message);
  }

  /** Whether this QoS 1 message is on its way to the client already. */
  isTracked(message: Message): boolean {
    if (message.qos === 0 || this.#qos1 === undefined) return false;
    return this.#qos1.has(message.topic, idOf(message));
  }

  acknowledge(id: string, topic: string | undefined): boolean {
    return this.#qos1?.acknowledge(id, topic) ?? false;
  }

  /** The connection can take more. */
  drained(): void {
    let sent = 0;
    for (const outgoing of this.#backlog) {
      if (!this.#hasRoom()) break;
      sent++;
      if (!outgoing.message.isReplay) this.#backlogLiveBytes -= messageBytes(outgoing.message);
      this.#emit(outgoing);
    }
    if (sent > 0) this.#backlog = this.#backlog.slice(sent);
    if (this.#backlog.length === 0) this.#qos1?.resume();
  }

  /** Stops sending what is of topics that are no longer wanted. */
  forget(isWanted: (topic: string) => boolean): void {
    const isForgotten = (one: Outgoing): boolean => !isWanted(one.message.topic);
    this.#backlog = this.#backlog.filter((one) => !isForgotten(one));
    this.#backlogLiveBytes = this.#backlog
      .filter((one) => !one.message.isReplay)
      .reduce((sum, one) => sum + messageBytes(one.message), 0);
    this.#qos1?.forget(isForgotten);
  }

  /** Ends it. What was not acknowledged, or not even sent, is told as lost. */
  close(): void {
    const tracked = this.#qos1?.close() ?? [];
    for (const one of tracked) this.#onLoss(one.topic, one.id);
    for (const { message } of this.#backlog) {
      if (message.qos === 1) this.#onLoss(message.topic, idOf(message));
    }
    this.#backlog = [];
  }

  #hasRoom(): boolean {
    return this.#conversation.bufferedBytes <= this.#context.settings.maxQueueBytes;
  }

  #emit(outgoing: Outgoing): void {
    const { source, message, isRedelivered } = outgoing;
    if (message.qos === 1) this.#offer(outgoing);
    else this.#transmit(source, message, isRedelivered, message.missed);
  }

  #queueLive(outgoing: Outgoing): void {
    const bytes = messageBytes(outgoing.message);
    const isFull = this.#backlogLiveBytes + bytes > this.#context.settings.maxQueueBytes;
    if (isFull || this.#backlog.length >= maxBacklog) {
      this.#drop(outgoing.source, outgoing.message);
      return;
    }
    this.#backlogLiveBytes += bytes;
    this.#backlog.push(outgoing);
  }

  #offer(outgoing: Outgoing): void {
    const { message } = outgoing;
    const tracked: Tracked = {
      ...outgoing,
      topic: message.topic,
      id: idOf(message),
      byteLength: messageBytes(message),
    };
    this.#qos1 ??= this.#createQos1();
    if (!this.#qos1.offer(tracked)) this.#drop(outgoing.source, message);
  }

  #createQos1(): Qos1<Tracked> {
    const { clock, stats, resendAfterMs, maxResends, maxInFlight, maxQueueBytes } =
      this.#context.settings;
    return new Qos1<Tracked>({
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
        this.#onLoss(tracked.topic, tracked.id);
      },
    });
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
    source.missed += 1 + message.missed;
    this.dropped++;
    this.#context.settings.stats.dropped++;
    if (message.qos === 1) this.#onLoss(message.topic, idOf(message));
  }
}
