import { matchesPattern } from "../../../packages/omnibus/src/base/index.ts";
import type { HistoryEvent } from "./history.ts";

/** What the system promised: how often a subscriber gets each message that was taken. */
export type DeliveryPromise = "at-most-once" | "exactly-once" | "at-least-once";

export type FaultKind =
  /** A message that was taken never came, and nobody said so. */
  | "lost"
  /** It was never sent, was refused, or came to somebody who had not asked, or before it was sent. */
  | "unexpected"
  /** It came again. */
  | "duplicated"
  /** It came after a later one of the same publisher. */
  | "reordered"
  /** It came with other contents. */
  | "corrupted"
  /** It came again without saying that it does. */
  | "unflagged"
  /** More was said to be missed than was. */
  | "miscounted"
  /** The history contradicts itself: the fault of whoever wrote it down. */
  | "malformed";

export interface DeliveryFault {
  readonly kind: FaultKind;
  readonly text: string;
}

/** The value of `publish` events; the process is the publisher, `n` counts its publishes. */
export interface PublishedValue {
  readonly topic: string;
  readonly n: number;
  readonly content: string;
}

/** The value of `deliver` events; the process is the subscriber. */
export interface DeliveredValue extends PublishedValue {
  readonly publisher: string;
  readonly isRedelivered?: boolean;
}

/** The value of `missed` events: so many of this subscriber's messages were dropped. */
export interface MissedValue {
  readonly count: number;
}

interface Sent extends PublishedValue {
  readonly publisher: string;
  readonly invokedAt: number;
  outcome: "open" | "ok" | "fail" | "info";
}

interface Span {
  readonly pattern: string;
  readonly from: number;
  to: number;
}

interface Subscriber {
  readonly spans: Span[];
  readonly got: Set<string>;
  readonly lastOf: Map<string, number>;
  told: number;
}

/**
 * Judges what subscribers received against what publishers sent. A subscription counts from the event
 * `subscribe` `ok` to `unsubscribe` `invoke`; what was under way at either end may have come or not.
 * Order is that of each publisher, over all topics; what is flagged as a redelivery has none.
 */
export function checkDeliveries(
  history: readonly HistoryEvent[],
  promise: DeliveryPromise,
): DeliveryFault[] {
  const judge = new Judge(promise);
  for (const [at, event] of history.entries()) judge.take(event, at);
  return judge.end(history.length);
}

class Judge {
  readonly #promise: DeliveryPromise;
  readonly #faults: DeliveryFault[] = [];
  readonly #sent = new Map<string, Sent>();
  readonly #subscribers = new Map<string, Subscriber>();

  constructor(promise: DeliveryPromise) {
    this.#promise = promise;
  }

  take(event: HistoryEvent, at: number): void {
    const { process, type, f } = event;
    if (f === "publish") this.#published(event, at);
    else if (f === "subscribe" && type === "ok") {
      const span = { pattern: String(event.value), from: at, to: Number.POSITIVE_INFINITY };
      this.#subscriber(process).spans.push(span);
    } else if (f === "unsubscribe" && type === "invoke") {
      for (const span of this.#subscriber(process).spans) {
        if (span.pattern === event.value) span.to = Math.min(span.to, at);
      }
    } else if (f === "deliver") this.#delivered(process, event.value as DeliveredValue);
    else if (f === "missed") {
      this.#subscriber(process).told += (event.value as MissedValue).count;
    }
  }

  end(length: number): DeliveryFault[] {
    for (const [name, subscriber] of this.#subscribers) {
      const missing = [...this.#sent.values()].filter((sent) => this.#isOwed(sent, subscriber));
      const { told } = subscriber;
      if (missing.length > told || (told > 0 && this.#promise !== "at-most-once")) {
        const first = missing[0];
        const which = first === undefined ? "" : `, first ${keyOf(first)}`;
        this.#fault("lost", `${name}: ${missing.length} missing, ${told} told${which}`);
      } else if (missing.length < told && this.#isSettled(subscriber, length)) {
        this.#fault("miscounted", `${name}: ${missing.length} missing, ${told} told`);
      }
    }
    return this.#faults;
  }

  #published({ process, type, value }: HistoryEvent, at: number): void {
    const published = value as PublishedValue;
    const key = keyOf({ publisher: process, n: published.n });
    const known = this.#sent.get(key);
    if (type === "invoke") {
      if (known !== undefined) this.#fault("malformed", `${key} is published twice`);
      const sent: Sent = { ...published, publisher: process, invokedAt: at, outcome: "open" };
      this.#sent.set(key, sent);
    } else if (known === undefined || known.outcome !== "open") {
      this.#fault("malformed", `${key} ends without having begun`);
    } else known.outcome = type;
  }

  #delivered(name: string, value: DeliveredValue): void {
    const key = keyOf(value);
    const subscriber = this.#subscriber(name);
    const sent = this.#sent.get(key);
    if (sent === undefined) return this.#fault("unexpected", `${name}: ${key} was never sent`);
    if (sent.outcome === "fail") return this.#fault("unexpected", `${name}: ${key} was refused`);
    if (sent.topic !== value.topic || sent.content !== value.content) {
      return this.#fault("corrupted", `${name}: ${key} is not as it was sent`);
    }
    const wanted = subscriber.spans.some(
      ({ pattern, to }) => matchesPattern(pattern, value.topic) && sent.invokedAt < to,
    );
    if (!wanted) return this.#fault("unexpected", `${name}: ${key} was not asked for`);
    this.#order(name, subscriber, value);
  }

  #order(name: string, subscriber: Subscriber, value: DeliveredValue): void {
    const key = keyOf(value);
    const isRedelivered = value.isRedelivered === true;
    if (subscriber.got.has(key)) {
      if (this.#promise !== "at-least-once") this.#fault("duplicated", `${name}: ${key}`);
      else if (!isRedelivered) this.#fault("unflagged", `${name}: ${key} came again`);
      return;
    }
    subscriber.got.add(key);
    if (isRedelivered) {
      if (this.#promise !== "at-least-once")
        this.#fault("duplicated", `${name}: ${key} is flagged`);
      return;
    }
    const last = subscriber.lastOf.get(value.publisher) ?? -1;
    if (value.n < last) this.#fault("reordered", `${name}: ${key} after ${last}`);
    subscriber.lastOf.set(value.publisher, Math.max(last, value.n));
  }

  /** Whether it was taken while the subscriber was there, and did not come. */
  #isOwed(sent: Sent, { spans, got }: Subscriber): boolean {
    if (sent.outcome !== "ok" || got.has(keyOf(sent))) return false;
    return spans.some(
      ({ pattern, from, to }) =>
        sent.invokedAt > from &&
        to === Number.POSITIVE_INFINITY &&
        matchesPattern(pattern, sent.topic),
    );
  }

  /** Whether all that was sent is known to have been taken or refused. */
  #isSettled({ spans }: Subscriber, length: number): boolean {
    const isOpen = [...this.#sent.values()].some(
      ({ outcome }) => outcome === "open" || outcome === "info",
    );
    return !isOpen && spans.every(({ to }) => to > length);
  }

  #subscriber(name: string): Subscriber {
    let subscriber = this.#subscribers.get(name);
    if (subscriber === undefined) {
      subscriber = { spans: [], got: new Set(), lastOf: new Map(), told: 0 };
      this.#subscribers.set(name, subscriber);
    }
    return subscriber;
  }

  #fault(kind: FaultKind, text: string): void {
    this.#faults.push({ kind, text });
  }
}

function keyOf({ publisher, n }: { readonly publisher: string; readonly n: number }): string {
  return `${publisher}#${n}`;
}
