import type { Writable } from "node:stream";

const corked = new Set<Writable>();

/** Gathers what is written to a socket until this turn of the event loop ends: one write instead of many. */
export function corkUntilTurnEnds(socket: Writable): void {
  if (corked.has(socket)) return;
  if (corked.size === 0) setImmediate(uncorkAll);
  corked.add(socket);
  socket.cork();
}

function uncorkAll(): void {
  for (const socket of corked) socket.uncork();
  corked.clear();
}
