import type { StandardSchemaV1 } from "@standard-schema/spec";
import { OmnibusError } from "../base/index.ts";
import type { BusContext } from "./bus-context.ts";
import type { QueueableMessage } from "./message-queue.ts";
import { ValidatedMessage } from "./validated-message.ts";

function check(schema: StandardSchemaV1, value: unknown): StandardSchemaV1.Result<unknown> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    throw new TypeError(
      "the schema of a topic answers with a promise; give one that answers at once",
    );
  }
  return result;
}

function describe(name: string, issues: readonly StandardSchemaV1.Issue[]): OmnibusError {
  const [first] = issues;
  const path = (first?.path ?? [])
    .map((part) => String(typeof part === "object" ? part.key : part))
    .join(".");
  const place = path === "" ? "" : ` at ${path}`;
  return new OmnibusError(
    "invalid",
    `the schema of ${name} refuses the value${place}: ${first?.message ?? "no reason given"}`,
  );
}

/** The schema's output for a value that is about to be published. Throws `invalid`. */
export function checked(schema: StandardSchemaV1, name: string, value: unknown): unknown {
  const result = check(schema, value);
  if (result.issues !== undefined) throw describe(name, result.issues);
  return result.value;
}

/** Checks what comes from other nodes: what is refused is counted and told, and never ends a loop. */
export function receiptCheck(
  schema: StandardSchemaV1,
  core: Pick<BusContext, "events" | "stats">,
): (message: QueueableMessage) => QueueableMessage | undefined {
  return (message) => {
    try {
      const result = check(schema, message.value);
      if (result.issues === undefined) return new ValidatedMessage(message, result.value);
      core.events.tell("error", describe(message.topic, result.issues));
    } catch (error) {
      core.events.tell("error", error instanceof Error ? error : new Error(String(error)));
    }
    core.stats.invalid++;
    return undefined;
  };
}
