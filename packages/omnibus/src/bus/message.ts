/** How a payload's bytes are to be read. */
export type PayloadFormat = "bytes" | "text" | "json" | "cbor";

/** One message as a subscriber receives it. The same object is given to all local subscribers. */
export interface Message<T = unknown> {
  /** The topic that it was published to. */
  readonly topic: string;
  /** The value, decoded when first asked for. Not to be changed. */
  readonly value: T;
  /** The format in which it was, or would be, sent. */
  readonly format: PayloadFormat;
  /** The payload's bytes in that format, encoded when first asked for. Not to be changed. */
  readonly bytes: Uint8Array;
  /** The payload as JSON text, built once per message; undefined if it has no such form. */
  readonly json: string | undefined;
  /** When it was published, in milliseconds since 1970 by the publisher's (JSON: the server's) clock. */
  readonly timeMs: number;
  /** The id that its publisher gave it. */
  readonly id: string | undefined;
  /** 1 if the publisher asked for acknowledged delivery. */
  readonly qos: 0 | 1;
  /** Whether this comes from history and not from the live flow. */
  readonly isReplay: boolean;
  /** How many messages for this subscription were dropped since the one before. */
  readonly missed: number;
}

/** A message that can be told how many were missed before it. */
export interface QueueableMessage extends Message {
  readonly byteLength: number;
  /** The memory that its payload shares with others, so that it keeps all of that alive; undefined: none. */
  readonly memory: unknown;
  /** Moves the payload to memory of its own, if it shares memory with others. */
  detach(): void;
  withMissed(missed: number): QueueableMessage;
}

/** A payload that is already encoded, or JSON that is already text. */
export type RawPayload =
  | { readonly format: PayloadFormat; readonly bytes: Uint8Array }
  | { readonly format: "json"; readonly text: string };
