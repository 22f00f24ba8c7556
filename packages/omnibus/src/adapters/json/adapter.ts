import type { Adapter } from "../../bus/index.ts";
import { JsonConnection } from "./connection.ts";
import { createJsonContext } from "./context.ts";
import type { JsonAdapterOptions } from "./options.ts";

/**
 * The JSON protocol (protocol/json.md) as an adapter: clients speak JSON texts over any conversation.
 * One adapter serves all connections of a server; they share the texts of broadcasts and what is
 * remembered of clients that went away.
 */
export function createJsonAdapter(options: JsonAdapterOptions): Adapter {
  const context = createJsonContext(options);
  return (conversation) => new JsonConnection(context, conversation);
}
