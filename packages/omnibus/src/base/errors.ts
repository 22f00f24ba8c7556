/** Facts about one error code. The number is fixed for ever: it travels in `bye` runs and in documents. */
export interface ErrorFacts {
  readonly number: number;
  /** Whether the same call may succeed later without a change. */
  readonly retry: boolean;
  readonly meaning: string;
}

const table = {
  "bad-value": { number: 1, retry: false, meaning: "a value that cannot travel" },
  "bad-topic": {
    number: 2,
    retry: false,
    meaning: "a topic or pattern that breaks the naming rules",
  },
  "bad-frame": { number: 3, retry: false, meaning: "bytes that are not a frame of this protocol" },
  "bad-run": { number: 4, retry: false, meaning: "a run whose contents contradict themselves" },
  "bad-version": { number: 5, retry: false, meaning: "no protocol version in common" },
  "unknown-alias": {
    number: 6,
    retry: false,
    meaning: "a number that was never given to an address",
  },
  "too-big": { number: 7, retry: false, meaning: "larger than a configured limit" },
  "too-many": { number: 8, retry: true, meaning: "more of something than a configured limit" },
  overloaded: { number: 9, retry: true, meaning: "a queue is full" },
  timeout: { number: 10, retry: true, meaning: "nothing happened in time" },
  closed: { number: 11, retry: false, meaning: "the bus, session or subscription is closed" },
  "going-away": { number: 12, retry: true, meaning: "the other side is shutting down" },
  "connect-failed": { number: 13, retry: true, meaning: "no connection could be made" },
  "not-authenticated": { number: 14, retry: false, meaning: "credentials are missing or wrong" },
  denied: { number: 15, retry: false, meaning: "the principal lacks the permission" },
  "no-log": { number: 16, retry: false, meaning: "no log covers this topic" },
  "no-receiver": { number: 17, retry: true, meaning: "nobody receives at this address" },
  "receiver-gone": { number: 18, retry: true, meaning: "the chosen receiver went away" },
  "receiver-away": { number: 19, retry: true, meaning: "the receiver is expected back" },
  invalid: { number: 20, retry: false, meaning: "a schema refused the value" },
  "bad-config": {
    number: 21,
    retry: false,
    meaning: "a setting that is unknown or of the wrong kind",
  },
  aborted: { number: 22, retry: false, meaning: "the caller's signal fired" },
  internal: { number: 23, retry: false, meaning: "a fault of this program; please report it" },
} as const;

/** The closed set of error codes. */
export type ErrorCode = keyof typeof table;

/** Every code with its number, in the order of the numbers. The documents are generated from this. */
export const errorTable: Readonly<Record<ErrorCode, ErrorFacts>> = table;

const codeByNumber = new Map<number, ErrorCode>(
  (Object.keys(table) as ErrorCode[]).map((code) => [table[code].number, code]),
);

/** The code that a number stands for; `internal` for a number from a later version. */
export function errorCodeOf(number: number): ErrorCode {
  return codeByNumber.get(number) ?? "internal";
}

/**
 * The one error of this library. `message` begins with the code, as in
 * `[timeout] no reply in 5000 ms`; compare `code`, never the text.
 */
export class OmnibusError extends Error {
  override readonly name: string = "OmnibusError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(`[${code}] ${message}`, options);
    this.code = code;
  }

  /** Whether the same call may succeed later without a change. */
  get retry(): boolean {
    return table[this.code].retry;
  }
}

/** The error itself if it is one of ours, else an `internal` one with it as its cause. */
export function asOmnibusError(error: unknown): OmnibusError {
  if (error instanceof OmnibusError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new OmnibusError("internal", text, { cause: error });
}
