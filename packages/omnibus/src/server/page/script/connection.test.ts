import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ConsoleConnection } from "./connection.ts";

/** A socket of the browser's kind, whose server is the test. */
class FakeSocket {
  static last: FakeSocket | undefined;
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: string }) => void) | undefined;
  onclose: ((event: { code: number; reason: string }) => void) | undefined;

  constructor() {
    FakeSocket.last = this;
  }

  send(): void {}
  close(): void {}

  hear(reply: object): void {
    this.onmessage?.({ data: JSON.stringify(reply) });
  }
}

const original = globalThis.WebSocket;
beforeEach(() => {
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket;
});
afterEach(() => {
  globalThis.WebSocket = original;
});

/** An open connection; what commands were answered, as `name: answer`. */
function open() {
  const told: string[] = [];
  const states: string[] = [];
  const connection = new ConsoleConnection("ws://here", {
    state: (_state, text) => states.push(text),
    message: () => {},
  });
  connection.connect({ type: "auth", token: "t" });
  const socket = FakeSocket.last as FakeSocket;
  socket.onopen?.();
  socket.hear({ type: "authenticated", status: "authenticated" });
  const ask = (name: string, command: { type: string; [field: string]: unknown }): void => {
    connection.send(command, (error) => told.push(`${name}: ${error || "done"}`));
  };
  return { told, states, socket, connection, ask };
}

const denied = { type: "error", code: "denied", message: "permission denied" };

test("an error was told to the subscribe whose confirmation was under way [JSON-2.5]", () => {
  const { told, socket, ask } = open();
  ask("a", { type: "subscribe", topic: "a", replay: undefined });
  ask("b", { type: "subscribe", topic: "b", replay: undefined });
  socket.hear({ ...denied, topic: "b" });
  socket.hear({ type: "confirmed", command: "subscribe", topic: "a" });
  assert.deepEqual(told, ["b: permission denied", "a: done"]);
});

test("answers to later commands are told to these [JSON-2.5] [JSON-9.5]", () => {
  const { told, socket, ask } = open();
  const long = "x".repeat(1025);
  ask("subscribe", { type: "subscribe", topic: "a" });
  ask("publish", { type: "publish", topic: "a", payload: 1, message_id: null });
  ask("publish m", { type: "publish", topic: "a", payload: 1, message_id: "m" });
  ask("ack", { type: "ack", topic: "a", message_id: "m" });
  ask("deep", { type: "publish", topic: "a", payload: [[]], message_id: null });
  ask("long", { type: "publish", topic: long, payload: 1, message_id: null });
  socket.hear({ type: "confirmed", command: "ack", message_id: "m" });
  socket.hear({ type: "confirmed", command: "publish", topic: "a", message_id: "made" });
  socket.hear({ ...denied, topic: "a", message_id: "m" });
  socket.hear({ type: "error", code: "too-deep", message: "nested too deeply" });
  socket.hear({ type: "error", code: "bad-topic", message: "bad topic: too long" });
  socket.hear({ type: "confirmed", command: "subscribe", topic: "a" });
  assert.deepEqual(told, [
    "ack: done",
    "publish: done",
    "publish m: permission denied",
    "deep: nested too deeply",
    "long: bad topic: too long",
    "subscribe: done",
  ]);
});

test("an error about the connection was taken for the answer to a command [JSON-9.5]", () => {
  const { told, states, socket, ask } = open();
  ask("a", { type: "subscribe", topic: "a" });
  socket.hear({ type: "error", code: "token-expired", message: "token expired" });
  socket.onclose?.({ code: 4401, reason: "" });
  assert.deepEqual(told, ["a: the connection ended before an answer came"]);
  assert.equal(states.at(-1), "token expired");
});
