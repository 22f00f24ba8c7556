import { type ErrorCode, errorNumberOf, isRetryable } from "./errors.ts";

/** Facts about one error code. The number is fixed for ever: it travels in `bye` runs and in documents. */
export interface ErrorFacts {
  readonly number: number;
  /** Whether the same call may succeed later without a change. */
  readonly retry: boolean;
  readonly meaning: string;
}

const meanings: Readonly<Record<ErrorCode, string>> = {
  "bad-value": "a value that cannot travel",
  "bad-topic": "a topic or pattern that breaks the naming rules",
  "bad-frame": "bytes that are not a frame of this protocol",
  "bad-run": "a run whose contents contradict themselves",
  "bad-version": "no protocol version in common",
  "unknown-alias": "a number that was never given to an address",
  "too-big": "larger than a configured limit",
  "too-many": "more of something than a configured limit",
  overloaded: "a queue is full",
  timeout: "nothing happened in time",
  closed: "the bus, session or subscription is closed",
  "going-away": "the other side is shutting down",
  "connect-failed": "no connection could be made",
  "not-authenticated": "credentials are missing or wrong",
  denied: "the principal lacks the permission",
  "no-log": "no log covers this topic",
  "no-receiver": "nobody receives at this address",
  "receiver-gone": "the chosen receiver went away",
  "receiver-away": "the receiver is expected back",
  invalid: "a schema refused the value",
  "bad-config": "a setting that is unknown or of the wrong kind",
  aborted: "the caller's signal fired",
  internal: "a fault of this program; please report it",
};

function describeCodes(): Record<ErrorCode, ErrorFacts> {
  const rows = (Object.keys(meanings) as ErrorCode[]).map((code) => [
    code,
    { number: errorNumberOf(code), retry: isRetryable(code), meaning: meanings[code] },
  ]);
  return Object.fromEntries(rows) as Record<ErrorCode, ErrorFacts>;
}

/**
 * Every code with its number, in the order of the numbers. The documents are generated from this. A
 * file of its own, and marked as pure: a bundle for browsers that does not read it is without the texts.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorFacts>> = /* @__PURE__ */ describeCodes();
