/** The number of every code, which travels in `bye` runs, and whether the same call may succeed later. */
const codes = {
  "bad-value": { number: 1, retry: false },
  "bad-topic": { number: 2, retry: false },
  "bad-frame": { number: 3, retry: false },
  "bad-run": { number: 4, retry: false },
  "bad-version": { number: 5, retry: false },
  "unknown-alias": { number: 6, retry: false },
  "too-big": { number: 7, retry: false },
  "too-many": { number: 8, retry: true },
  overloaded: { number: 9, retry: true },
  timeout: { number: 10, retry: true },
  closed: { number: 11, retry: false },
  "going-away": { number: 12, retry: true },
  "connect-failed": { number: 13, retry: true },
  "not-authenticated": { number: 14, retry: false },
  denied: { number: 15, retry: false },
  "no-log": { number: 16, retry: false },
  "no-receiver": { number: 17, retry: true },
  "receiver-gone": { number: 18, retry: true },
  "receiver-away": { number: 19, retry: true },
  invalid: { number: 20, retry: false },
  "bad-config": { number: 21, retry: false },
  aborted: { number: 22, retry: false },
  internal: { number: 23, retry: false },
} as const;

/** The closed set of error codes. */
export type ErrorCode = keyof typeof codes;

const codeByNumber = new Map<number, ErrorCode>(
  (Object.keys(codes) as ErrorCode[]).map((code) => [codes[code].number, code]),
);

/** The number of a code, fixed for ever. */
export function errorNumberOf(code: ErrorCode): number {
  return codes[code].number;
}

/** Whether the same call may succeed later without a change. */
export function isRetryable(code: ErrorCode): boolean {
  return codes[code].retry;
}

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
    return isRetryable(this.code);
  }
}

/** The error itself if it is one of ours, else an `internal` one with it as its cause. */
export function asOmnibusError(error: unknown): OmnibusError {
  if (error instanceof OmnibusError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new OmnibusError("internal", text, { cause: error });
}
