import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkPattern } from "../base/index.ts";
import { SchemaCheck } from "./schema-check.ts";

/** What applies the schema of a topic to its values. */
export type TopicCheck = Pick<SchemaCheck, "published" | "received">;

/**
 * A topic with the type of what is published to it and, if given, a schema that values are checked
 * against: on publish, and again on receipt from another node. Made by `topic`.
 */
export interface Topic<In, Out = In> {
  readonly name: string;
  readonly schema: StandardSchemaV1<In, Out> | undefined;
  /** It comes with the topic, so that a program without schemas does not load it. */
  readonly check: TopicCheck | undefined;
}

/** Makes a typed topic; `name` may be a pattern for subscribing. Throws `bad-topic`. */
export function topic<T>(name: string): Topic<T>;
export function topic<In, Out>(name: string, schema: StandardSchemaV1<In, Out>): Topic<In, Out>;
export function topic<In, Out>(name: string, schema?: StandardSchemaV1<In, Out>): Topic<In, Out> {
  checkPattern(name);
  return { name, schema, check: schema === undefined ? undefined : new SchemaCheck(name, schema) };
}
