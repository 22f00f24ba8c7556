import { inspect, type InspectOptions, styleText } from "node:util";
import type { Message } from "omnibus";

/** What is shown of a message. */
export type ShownMessage = Pick<
  Message,
  "topic" | "value" | "format" | "bytes" | "json" | "timeMs" | "id" | "isReplay" | "missed"
>;

/**
 * A message as one line of JSON: `topic`, `time` in milliseconds since 1970, `value`; `encoding` is
 * `base64` for bytes; `id`, `replay` and `missed` where there is something to say.
 */
export function jsonLine(message: ShownMessage): string {
  const { json, id, isReplay, missed } = message;
  // What a JSON publisher sent keeps its text, and that may be spread over lines. Outside of strings,
  // where they are escaped, line ends are white space.
  const value =
    json === undefined
      ? `${JSON.stringify(Buffer.from(message.bytes).toString("base64"))},"encoding":"base64"`
      : json.replaceAll(/[\n\r]/g, " ");
  const more = [
    id === undefined ? "" : `,"id":${JSON.stringify(id)}`,
    isReplay ? ',"replay":true' : "",
    missed > 0 ? `,"missed":${missed}` : "",
  ].join("");
  return `{"topic":${JSON.stringify(message.topic)},"time":${message.timeMs},"value":${value}${more}}`;
}

export interface PrettyOptions {
  readonly hasColors: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** A message for people: time of day, topic, value. Values may take several lines. */
export function prettyLine(message: ShownMessage, { hasColors, width }: PrettyOptions): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;
  const replayed = message.isReplay ? paint("dim", " (replay)") : "";
  const missed =
    message.missed > 0 ? `${paint("yellow", `${message.missed} missed before this`)}\n` : "";
  const time = paint("dim", timeOfDay(message.timeMs));
  const topic = paint("cyan", visible(message.topic));
  return `${missed}${time} ${topic}${replayed}  ${shownValue(message, { hasColors, width })}`;
}

function shownValue(message: ShownMessage, { hasColors, width }: PrettyOptions): string {
  const value = valueOf(message);
  if (typeof value === "string") return visible(value).replaceAll("\n", "\n  ");
  if (value instanceof Uint8Array) return shownBytes(value);
  const options: InspectOptions = { colors: hasColors, depth: 64, breakLength: width, compact: 3 };
  return inspect(value, options).replaceAll("\n", "\n  ");
}

/** Decoding fails if the publisher sent what is not of the format that it named. */
function valueOf(message: ShownMessage): unknown {
  try {
    return message.value;
  } catch {
    return message.bytes;
  }
}

const shownByteCount = 32;

function shownBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, shownByteCount)).toString("hex");
  const pairs = hex.replaceAll(/..(?=.)/g, "$& ");
  return `<${bytes.length} bytes${pairs === "" ? "" : `: ${pairs}`}${bytes.length > shownByteCount ? " ..." : ""}>`;
}

/** Control characters made visible: a message must not drive the reader's terminal. */
function visible(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

function timeOfDay(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (part: number): string => String(part).padStart(2, "0");
  const millis = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}
