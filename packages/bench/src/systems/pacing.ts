/**
 * The window that the harness keeps, alike for every system of a row: so many bytes of payload may be
 * on their way between publisher and subscriber, counted at the subscriber. Without it, systems that
 * have no flow control would lose, and the others would be measured with queues of other lengths.
 */
export const WINDOW_BYTES: number = 1024 * 1024;

/** In words, for the notes of rows. */
export const WINDOW_NOTE = "at most 1 MiB of payload outstanding, of every system alike";

/** What the policy of a system without flow control says. */
export const NO_FLOW_CONTROL = "none of its own: only the window of the row";

const MIN_WINDOW_MESSAGES = 8;

/** How many messages of `size` bytes a window lets be on their way. */
export function windowMessages(windowBytes: number, size: number): number {
  return Math.max(MIN_WINDOW_MESSAGES, Math.floor(windowBytes / size));
}
