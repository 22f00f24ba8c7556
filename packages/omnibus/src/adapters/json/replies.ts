import { type JsonErrorCode, jsonErrorTable } from "./error-table.ts";
import type { Command } from "./command.ts";
import type { ErrorFacts } from "./failure.ts";

/** [JSON-3.4] Both of the seed's forms at once. */
export const authenticatedReply: string = JSON.stringify({
  type: "authenticated",
  status: "authenticated",
});

/** [JSON-3.2] */
export function loginReply(token: string): string {
  return JSON.stringify({ type: "login_response", token });
}

/** In UTF-16 units; nothing longer is repeated to who sent it. */
const maxRepeatedChars = 1024;

/** [JSON-9.1] Both of the seed's forms at once, the code, and [JSON-9.5] what it is about. */
export function errorReply(code: JsonErrorCode, facts: ErrorFacts = {}): string {
  const { message } = jsonErrorTable[code];
  const whole = facts.detail === undefined ? message : `${message} ${facts.detail}`;
  return JSON.stringify({
    type: "error",
    message: whole,
    error: whole,
    code,
    topic: repeatable(facts.topic),
    message_id: repeatable(facts.messageId),
  });
}

function repeatable(text: string | undefined): string | undefined {
  return text === undefined || text.length > maxRepeatedChars ? undefined : text;
}

/** [JSON-2.5] The answer to a command with `"confirm": true`. */
export function confirmation(
  command: Command["type"],
  facts: { readonly topic?: string; readonly message_id?: string },
): string {
  return JSON.stringify({ type: "confirmed", command, ...facts });
}
