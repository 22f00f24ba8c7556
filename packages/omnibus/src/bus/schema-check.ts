import type { StandardSchemaV1 } from "@standard-schema/spec";
import { OmnibusError } from "../base/index.ts";
import { ValidatedMessage } from "./validated-message.ts";
import type { QueueableMessage } from "./message.ts";

/** Checks the values of a typed topic. */
export class SchemaCheck {
  readonly #name: string;
  readonly #schema: StandardSchemaV1;

  constructor(name: string, schema: StandardSchemaV1) {
    this.#name = name;
    this.#schema = schema;
  }

  /** The schema's output for a value that is about to be published. Throws `invalid`. */
  published(value: unknown): unknown {
    const result = this.#validate(value);
    if (result.issues !== undefined) throw describe(this.#name, result.issues);
    return result.value;
  }

  /** Checks what comes from other nodes; what is refused (undefined) is told, and never ends a loop. */
  received(
    message: QueueableMessage,
    refused: (error: Error) => void,
  ): QueueableMessage | undefined {
    try {
      const result = this.#validate(message.value);
      if (result.issues === undefined) return new ValidatedMessage(message, result.value);
      refused(describe(message.topic, result.issues));
    } catch (error) {
      refused(error instanceof Error ? error : new Error(String(error)));
    }
    return undefined;
  }

  #validate(value: unknown): StandardSchemaV1.Result<unknown> {
    const result = this.#schema["~standard"].validate(value);
    if (result instanceof Promise) {
      throw new TypeError(
        "the schema of a topic answers with a promise; give one that answers at once",
      );
    }
    return result;
  }
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
