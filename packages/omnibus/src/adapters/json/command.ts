import { maxIdBytes } from "../../bus/index.ts";
import { scanEnvelope } from "./envelope-scan.ts";
import type { JsonErrorCode } from "./error-table.ts";
import type { ErrorFacts, ErrorSubject } from "./failure.ts";

/** What a client asks for, checked field by field. Names are as the client wrote them. */
export type Command =
  | { readonly type: "login"; readonly username: string; readonly password: string }
  | { readonly type: "auth"; readonly token: string; readonly isTyped: boolean }
  | {
      readonly type: "subscribe";
      readonly topic: string;
      readonly replay: number | undefined;
      readonly isConfirmed: boolean;
    }
  | { readonly type: "unsubscribe"; readonly topic: string; readonly isConfirmed: boolean }
  | PublishCommand
  | {
      readonly type: "ack";
      readonly messageId: string;
      readonly topic: string | undefined;
      readonly isConfirmed: boolean;
    };

export interface PublishCommand {
  readonly type: "publish";
  readonly topic: string;
  /** The payload's own JSON text. */
  readonly payload: string;
  readonly messageId: string | undefined;
  readonly qos: 0 | 1;
  readonly isConfirmed: boolean;
}

/** Why a text is no command, and what it is about as far as it says so. */
export interface Refusal extends ErrorFacts {
  readonly code: JsonErrorCode;
  /** The `type`, if there was one. */
  readonly type?: string;
}

export type Parsed = { readonly command: Command } | { readonly refusal: Refusal };

/** A payload may be nested as deep as any value (64); the envelope around it is one more. [JSON-2.3] */
const maxEnvelopeDepth = 65;

type Envelope = Readonly<Record<string, unknown>>;

/** Thrown and caught within this file only. */
class FieldError extends Error {}

/** Reads one text from a client. Never throws. [JSON-2.1] */
export function parseCommand(text: string): Parsed {
  const scan = scanEnvelope(text, maxEnvelopeDepth);
  if (scan.isTooDeep) return { refusal: { code: "too-deep" } };
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch {
    return { refusal: { code: "bad-json" } };
  }
  if (!isEnvelope(envelope)) return { refusal: { code: "bad-message" } };
  const type = envelope["type"];
  if (typeof type !== "string") return { refusal: { code: "bad-message" } };
  try {
    const command = readCommand(type, envelope, scan.payload, text);
    if (command !== undefined) return { command };
    const subject = subjectOfEnvelope(envelope);
    return { refusal: { code: "unknown-type", detail: quoted(type), type, ...subject } };
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const subject = subjectOfEnvelope(envelope);
    return { refusal: { code: "bad-field", detail: error.message, type, ...subject } };
  }
}

/** What an error that a command brings about is about. [JSON-9.5] */
export function subjectOf(command: Command): ErrorSubject {
  return {
    topic: "topic" in command ? command.topic : undefined,
    messageId: "messageId" in command ? command.messageId : undefined,
  };
}

function subjectOfEnvelope({ topic, message_id: messageId }: Envelope): ErrorSubject {
  return {
    topic: typeof topic === "string" ? topic : undefined,
    messageId: typeof messageId === "string" ? messageId : undefined,
  };
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readCommand(
  type: string,
  envelope: Envelope,
  payload: string | undefined,
  text: string,
): Command | undefined {
  switch (type) {
    case "login":
      return {
        type,
        username: requireString(envelope, "username"),
        password: requireString(envelope, "password"),
      };
    case "auth":
      return {
        type,
        token: requireString(envelope, "token"),
        isTyped: readFlag(envelope, "typed"),
      };
    case "subscribe":
      return {
        type,
        topic: requireString(envelope, "topic"),
        replay: readCount(envelope, "replay"),
        isConfirmed: readFlag(envelope, "confirm"),
      };
    case "unsubscribe":
      return {
        type,
        topic: requireString(envelope, "topic"),
        isConfirmed: readFlag(envelope, "confirm"),
      };
    case "publish":
      return readPublish(envelope, payload, text);
    case "ack":
      return {
        type,
        messageId: requireString(envelope, "message_id"),
        topic: readString(envelope, "topic"),
        isConfirmed: readFlag(envelope, "confirm"),
      };
    default:
      return undefined;
  }
}

function readPublish(
  envelope: Envelope,
  payload: string | undefined,
  text: string,
): PublishCommand {
  const topic = requireString(envelope, "topic");
  if (payload === undefined) throw new FieldError("`payload` is missing");
  const messageId = readString(envelope, "message_id");
  if (messageId !== undefined) checkId(messageId);
  const qos = envelope["qos"] ?? 0;
  if (qos !== 0 && qos !== 1) throw new FieldError("`qos` must be 0 or 1");
  const isConfirmed = readFlag(envelope, "confirm");
  const own = text.length > 2 * payload.length + 256 ? copyOf(payload) : payload;
  return {
    type: "publish",
    topic,
    payload: own,
    messageId: messageId || undefined,
    qos,
    isConfirmed,
  };
}

/** The engine keeps the whole envelope alive for a part of it; this part has memory of its own. */
function copyOf(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

// [JSON-5.3]
function checkId(id: string): void {
  if (!id.isWellFormed()) throw new FieldError("`message_id` must be well-formed Unicode");
  if (id.length > maxIdBytes || new TextEncoder().encode(id).length > maxIdBytes) {
    throw new FieldError(`\`message_id\` must have at most ${maxIdBytes} bytes of UTF-8`);
  }
}

function requireString(envelope: Envelope, field: string): string {
  const value = readString(envelope, field);
  if (value === undefined) throw new FieldError(`\`${field}\` is missing`);
  return value;
}

/** null counts as missing. [JSON-2.4] */
function readString(envelope: Envelope, field: string): string | undefined {
  const value = envelope[field] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw new FieldError(`\`${field}\` must be a string`);
}

function readFlag(envelope: Envelope, field: string): boolean {
  const value = envelope[field] ?? false;
  if (typeof value === "boolean") return value;
  throw new FieldError(`\`${field}\` must be true or false`);
}

function readCount(envelope: Envelope, field: string): number | undefined {
  const value = envelope[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FieldError(`\`${field}\` must be an integer of at least 0`);
}

function quoted(type: string): string {
  return JSON.stringify(type.length > 40 ? `${type.slice(0, 37)}...` : type);
}
