/**
 * Every code in the order of its number, which travels in `bye` runs and never changes: the first has 1.
 * New ones go to the end.
 */
const codes = [
  "bad-value",
  "bad-topic",
  "bad-frame",
  "bad-run",
  "bad-version",
  "unknown-alias",
  "too-big",
  "too-many",
  "overloaded",
  "timeout",
  "closed",
  "going-away",
  "connect-failed",
  "not-authenticated",
  "denied",
  "no-log",
  "no-receiver",
  "receiver-gone",
  "receiver-away",
  "invalid",
  "bad-config",
  "aborted",
  "internal",
] as const;

/** The closed set of error codes. */
export type ErrorCode = (typeof codes)[number];

/** After these the same call may succeed later without a change. */
const retryable: readonly ErrorCode[] = [
  "too-many",
  "overloaded",
  "timeout",
  "going-away",
  "connect-failed",
  "no-receiver",
  "receiver-gone",
  "receiver-away",
];

/** The number of a code, fixed for ever. */
export function errorNumberOf(code: ErrorCode): number {
  return codes.indexOf(code) + 1;
}

/** Whether the same call may succeed later without a change. */
export function isRetryable(code: ErrorCode): boolean {
  return retryable.includes(code);
}

/** The code that a number stands for; `internal` for a number from a later version. */
export function errorCodeOf(number: number): ErrorCode {
  return codes[number - 1] ?? "internal";
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
    return isRetryable(this.code);
  }
}

/** The error itself if it is one of ours, else an `internal` one with it as its cause. */
export function asOmnibusError(error: unknown): OmnibusError {
  if (error instanceof OmnibusError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new OmnibusError("internal", text, { cause: error });
}
