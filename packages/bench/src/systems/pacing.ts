/**
 * Who sees to it that nothing is lost. `window`: the harness, which lets that many bytes of payload
 * (and at most 16,384 messages) be on their way; `own`: the system itself, by `publish` returning
 * false.
 */
export type Pacing = { readonly by: "window"; readonly bytes: number } | { readonly by: "own" };

/** The default window of systems that the harness paces. */
export const WINDOW_BYTES: number = 4 * 1024 * 1024;

/** The pacing of most peers. */
export const PACED_BY_WINDOW: Pacing = { by: "window", bytes: WINDOW_BYTES };

/** That pacing in words, for `Policy.flow`. */
export const WINDOW_FLOW =
  "paced by the harness: at most 4 MiB of payload and 16,384 messages between publisher and subscriber";

const MAX_WINDOW_MESSAGES = 16_384;
const MIN_WINDOW_MESSAGES = 8;

/** How many messages of `size` bytes a window lets be on their way. */
export function windowMessages(windowBytes: number, size: number): number {
  const fitting = Math.floor(windowBytes / size);
  return Math.max(MIN_WINDOW_MESSAGES, Math.min(MAX_WINDOW_MESSAGES, fitting));
}
