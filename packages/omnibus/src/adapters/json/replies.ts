import { type JsonErrorCode, jsonErrorTable } from "./error-table.ts";
import type { Command } from "./command.ts";

/** [JSON-3.4] Both of the seed's forms at once. */
export const authenticatedReply: string = JSON.stringify({
  type: "authenticated",
  status: "authenticated",
});

/** [JSON-3.2] */
export function loginReply(token: string): string {
  return JSON.stringify({ type: "login_response", token });
}

/** [JSON-9.1] Both of the seed's forms at once, and the code. */
export function errorReply(code: JsonErrorCode, detail?: string): string {
  const { message } = jsonErrorTable[code];
  const whole = detail === undefined ? message : `${message} ${detail}`;
  return JSON.stringify({ type: "error", message: whole, error: whole, code });
}

/** [JSON-2.5] The answer to a command with `"confirm": true`. */
export function confirmation(
  command: Command["type"],
  facts: { readonly topic?: string; readonly message_id?: string },
): string {
  return JSON.stringify({ type: "confirmed", command, ...facts });
}
