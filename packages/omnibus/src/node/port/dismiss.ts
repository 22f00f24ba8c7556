import type { Socket } from "node:net";
import type { Clock } from "../../base/index.ts";

/** Who is refused has so long to take the answer and to hang up; then the socket is closed anyway. */
const lingerMs = 2000;

/** Sends an answer and ends the connection. What still comes is read and forgotten. */
export function dismiss(socket: Socket, answer: string | Uint8Array, clock: Clock): void {
  const timer = clock.setTimer(lingerMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => timer.cancel());
  // Unread bytes would turn the end into a reset, and the answer would be lost.
  socket.on("data", () => {});
  socket.on("end", () => socket.destroy());
  socket.end(answer);
  socket.resume();
}
