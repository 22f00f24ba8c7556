import type { CloseReason } from "../../bus/index.ts";

/** Facts about one error of the JSON protocol. */
export interface JsonErrorFacts {
  /** What `message` and `error` say; where it ends in a colon, details follow. */
  readonly message: string;
  /** What brings it about, for the documents. */
  readonly when: string;
  /** Why the connection is closed after the reply; without it, the connection stays open. */
  readonly close?: CloseReason;
}

const table = {
  "bad-json": {
    message: "not valid JSON",
    when: "a text is not JSON",
  },
  "too-deep": {
    message: "nested too deeply",
    when: "a payload is nested more than 64 deep",
  },
  "bad-message": {
    message: "not an object with a type",
    when: "a text is JSON, but not an object whose `type` is a string",
  },
  "unknown-type": {
    message: "unknown type:",
    when: "an authenticated client sends a `type` that is none of the commands",
  },
  "bad-field": {
    message: "bad field:",
    when: "a field of a command is missing, of the wrong type or out of range",
  },
  "not-text": {
    message: "binary messages are not understood",
    when: "a binary message comes",
  },
  "too-big": {
    message: "message too big",
    when: "a text is longer than the limit (1 MiB by default)",
    close: "too-big",
  },
  "must-authenticate": {
    message: "must authenticate first",
    when: "any other type than `login` and `auth` comes before authentication",
    close: "not-authenticated",
  },
  "invalid-credentials": {
    message: "invalid credentials",
    when: "a `login` names an unknown user or a wrong password",
  },
  "too-many-logins": {
    message: "too many failed logins",
    when: "five logins failed within a minute, on this connection or for this user at this address",
    close: "too-many",
  },
  "authentication-failed": {
    message: "authentication failed",
    when: "the token of an `auth` is not valid",
    close: "not-authenticated",
  },
  "authentication-timeout": {
    message: "authentication took too long",
    when: "a connection is not authenticated after 10 s",
    close: "timeout",
  },
  "token-expired": {
    message: "token expired",
    when: "the token that a connection was authenticated with reaches its `exp`",
    close: "not-authenticated",
  },
  "already-authenticated": {
    message: "already authenticated as somebody else",
    when: "a second `auth` has a valid token of another principal",
  },
  "bad-topic": {
    message: "bad topic:",
    when: "a topic cannot be carried, or a publish names a wildcard",
  },
  denied: {
    message: "permission denied",
    when: "the principal may not publish to, or subscribe to anything at, that topic",
  },
  "too-many-subscriptions": {
    message: "too many subscriptions",
    when: "a connection has 1,000 subscriptions, or their names take 8 MiB to keep, and it asks for one more",
  },
  "unknown-message": {
    message: "no such message to acknowledge",
    when: "an `ack` names no message that waits for one on this connection",
  },
  overloaded: {
    message: "too much sent before the answer to login or auth",
    when: "more than the message limit waits behind a `login` or `auth` under way",
    close: "overloaded",
  },
  busy: {
    message: "the server is too busy; try again later",
    when: "the server has more logins, topics or work than it may, or is about to end",
  },
  internal: {
    message: "internal error",
    when: "the server failed; its log says how",
  },
} as const;

/** The closed set of error codes of the JSON protocol. */
export type JsonErrorCode = keyof typeof table;

/** Every error of the JSON protocol; the table of protocol/json.md is checked against it. [JSON-9.1] */
export const jsonErrorTable: Readonly<Record<JsonErrorCode, JsonErrorFacts>> = table;
