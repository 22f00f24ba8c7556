import type { Message } from "../../bus/index.ts";
import { type Bookmark, bookmarkOf, messageAt } from "./bookmark.ts";
import { messageBytes } from "./broadcast.ts";
import type { JsonHistory } from "./options.ts";
import type { JsonSubscription } from "./subscriptions.ts";

/** A message for one subscription of one connection. */
export interface Outgoing {
  readonly source: JsonSubscription;
  readonly message: Message;
  readonly isRedelivered: boolean;
}

/** The same, of which only the history may still have the message. */
interface Marked {
  readonly source: JsonSubscription;
  readonly bookmark: Bookmark;
  readonly isRedelivered: boolean;
}

/** What was there, and is gone from the history. */
interface Gone {
  readonly source: JsonSubscription;
  readonly message: undefined;
}

/** More than this are not taken, whatever they are. */
const maxMessages = 100_000;
/** How many times as many bytes of replays are held as of live messages. */
const replayShare = 4;
/** So many places of what has left are freed at once. */
const minFreed = 64;

/** A text is an answer to a command. */
type Place = Outgoing | Marked | string;

/** What a backlog needs to know of the settings. */
export interface BacklogSettings {
  readonly history: JsonHistory;
  /** Bytes of live messages; four times as many of replays are held. */
  readonly maxQueueBytes: number;
}

/**
 * What waits to leave one connection, in order: replays, and live messages behind them. Replays are not
 * dropped because they wait; live messages are from a number of bytes on. [JSON-8.7]
 *
 * Who does not read must not keep alive what the history has let go: of a long replay only the beginning
 * is held, the rest is looked up in the history when its turn comes.
 */
export class Backlog {
  readonly #settings: BacklogSettings;
  #places: (Place | undefined)[] = [];
  /** How many places, from the front, are empty. */
  #left = 0;
  #liveBytes = 0;
  #replayBytes = 0;
  #answerChars = 0;

  constructor(settings: BacklogSettings) {
    this.#settings = settings;
  }

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  /** Puts a message at the end. Returns false if there is no room for it. */
  add(outgoing: Outgoing): boolean {
    if (this.#places.length - this.#left >= maxMessages) return false;
    const { message, source, isRedelivered } = outgoing;
    const { maxQueueBytes } = this.#settings;
    if (!message.isReplay) {
      if (this.#liveBytes + messageBytes(message) > maxQueueBytes) return false;
    } else if (this.#replayBytes + message.bytes.length > replayShare * maxQueueBytes) {
      // The history does not know of it.
      source.missed += message.missed;
      this.#places.push({ source, bookmark: bookmarkOf(message), isRedelivered });
      return true;
    }
    this.#count(outgoing, 1);
    this.#places.push(outgoing);
    return true;
  }

  /** Puts an answer at the end. Returns false if there is no room for it. */
  addAnswer(text: string): boolean {
    if (this.#answerChars + text.length > this.#settings.maxQueueBytes) return false;
    this.#count(text, 1);
    this.#places.push(text);
    return true;
  }

  /** What comes first, if there is anything. */
  first(): Outgoing | Gone | string | undefined {
    const first = this.#places[this.#left];
    if (first === undefined || typeof first === "string" || "message" in first) return first;
    const { source, bookmark, isRedelivered } = first;
    const message = messageAt(bookmark, this.#settings.history);
    return message === undefined ? { source, message } : { source, message, isRedelivered };
  }

  /** The first has left. */
  shift(): void {
    const first = this.#places[this.#left];
    if (first === undefined) return;
    this.#count(first, -1);
    this.#places[this.#left++] = undefined;
    if (this.#left === this.#places.length) this.#replace([]);
    else if (this.#left >= minFreed && this.#left * 2 >= this.#places.length) {
      this.#replace(this.#places.slice(this.#left));
    }
  }

  /** Takes out what is of other topics than these. */
  keep(isWanted: (topic: string) => boolean): void {
    const kept: Place[] = [];
    for (const one of this.#places) {
      if (one === undefined) continue;
      if (typeof one === "string" || isWanted(topicOf(one))) kept.push(one);
      else this.#count(one, -1);
    }
    this.#replace(kept);
  }

  /** Where all its messages are to be found. */
  *[Symbol.iterator](): Iterator<Bookmark> {
    for (const one of this.#places) {
      if (one === undefined || typeof one === "string") continue;
      yield "message" in one ? bookmarkOf(one.message) : one.bookmark;
    }
  }

  #count(one: Place, sign: 1 | -1): void {
    if (typeof one === "string") this.#answerChars += sign * one.length;
    if (typeof one === "string" || !("message" in one)) return;
    const { message } = one;
    if (message.isReplay) this.#replayBytes += sign * message.bytes.length;
    else this.#liveBytes += sign * messageBytes(message);
  }

  #replace(places: (Place | undefined)[]): void {
    this.#places = places;
    this.#left = 0;
  }
}

function topicOf(one: Outgoing | Marked): string {
  return "message" in one ? one.message.topic : one.bookmark.topic;
}
