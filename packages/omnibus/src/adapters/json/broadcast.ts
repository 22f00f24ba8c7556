import type { Conversation, Message, Prepared } from "../../bus/index.ts";
import { toJsonName } from "./json-names.ts";
import { idOf } from "./message-id.ts";

/** What one delivery says besides the message. */
export interface DeliveryFacts {
  /** Whether the client asked for `"type":"message"`. */
  readonly isTyped: boolean;
  readonly isRedelivered: boolean;
  /** Messages of this subscription that were dropped since the one before. */
  readonly missed: number;
}

/**
 * The text of a message for JSON clients. Keys come in the order topic, payload, timestamp, message_id,
 * qos; then what is there only sometimes. [JSON-6.1]
 */
function broadcastText(message: Message, timestamps: "ms" | "s", facts: DeliveryFacts): string {
  const json = message.json;
  const payload = json ?? `"${toBase64(message.bytes)}"`;
  const time = timestamps === "s" ? Math.floor(message.timeMs / 1000) : Math.trunc(message.timeMs);
  const head = facts.isTyped ? `{"type":"message","topic":` : `{"topic":`;
  let text = `${head}${JSON.stringify(toJsonName(message.topic))},"payload":${payload}`;
  text += `,"timestamp":${time},"message_id":${JSON.stringify(idOf(message))}`;
  text += `,"qos":${message.qos}`;
  if (json === undefined) text += `,"encoding":"base64"`;
  if (facts.isRedelivered) text += `,"redelivered":true`;
  if (facts.missed > 0) text += `,"missed":${facts.missed}`;
  return `${text}}`;
}

/** What a broadcast weighs before it is text: for limits on what waits. */
export function messageBytes(message: Message): number {
  return message.json?.length ?? message.bytes.length;
}

/**
 * The texts of the message that is going out now, built once and shared by all connections of the
 * server. One entry is enough: a message goes to all its subscribers before the next one comes. [JSON-6.4]
 */
export class Broadcasts {
  readonly #timestamps: "ms" | "s";
  #message: Message | undefined;
  #plain: Prepared | undefined;
  #typed: Prepared | undefined;

  constructor(timestamps: "ms" | "s") {
    this.#timestamps = timestamps;
  }

  /** The message ready to be sent to any number of connections. */
  shared(conversation: Conversation, message: Message, isTyped: boolean): Prepared {
    if (this.#message !== message) {
      this.#message = message;
      this.#plain = undefined;
      this.#typed = undefined;
    }
    if (isTyped) return (this.#typed ??= this.#prepare(conversation, message, isTyped));
    return (this.#plain ??= this.#prepare(conversation, message, isTyped));
  }

  /** The text for one connection, which says something that is true of that one only. */
  text(message: Message, facts: DeliveryFacts): string {
    return broadcastText(message, this.#timestamps, facts);
  }

  #prepare(conversation: Conversation, message: Message, isTyped: boolean): Prepared {
    const facts = { isTyped, isRedelivered: false, missed: 0 };
    return conversation.prepare(broadcastText(message, this.#timestamps, facts));
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}
