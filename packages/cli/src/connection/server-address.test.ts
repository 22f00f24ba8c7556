import assert from "node:assert/strict";
import test from "node:test";
import { isLocal, portOf, serverAddress } from "./server-address.ts";

const nowhere = { localPorts: () => [] };

function given(flag: string): string {
  return serverAddress({ flag, ...nowhere }).href;
}

test("the flag goes before the variable, and that before the local server", () => {
  const sources = { flag: "tcp://a:1", variable: "tcp://b:2", localPorts: () => [9000] };
  assert.equal(serverAddress(sources).href, "tcp://a:1");
  assert.equal(serverAddress({ ...sources, flag: undefined }).href, "tcp://b:2");
  const local = { ...sources, flag: undefined, variable: "" };
  assert.equal(serverAddress(local).href, "tcp://127.0.0.1:9000");
});

test("the local server is the one at the default port, or the only one", () => {
  const at = (...ports: number[]): string => serverAddress({ localPorts: () => ports }).href;
  assert.equal(at(), "tcp://127.0.0.1:8080");
  assert.equal(at(9000), "tcp://127.0.0.1:9000");
  assert.equal(at(9000, 8080), "tcp://127.0.0.1:8080");
});

test("several servers, none at the default port: nothing named them", () => {
  assert.throws(() => serverAddress({ localPorts: () => [9000, 9001] }), {
    exitCode: 2,
    message: /tcp:\/\/127\.0\.0\.1:9000, tcp:\/\/127\.0\.0\.1:9001; name one with --url/,
  });
});

test("an address without a scheme is native TCP", () => {
  assert.equal(given("127.0.0.1:9000"), "tcp://127.0.0.1:9000");
  assert.equal(given("localhost:9000"), "tcp://localhost:9000");
  assert.equal(given("[::1]:9000"), "tcp://[::1]:9000");
  assert.equal(given("example"), "tcp://example");
});

test("a browser's address is a WebSocket", () => {
  assert.equal(given("http://127.0.0.1:8080/"), "ws://127.0.0.1:8080/");
  assert.equal(given("HTTPS://bus.example.com"), "wss://bus.example.com/");
});

test("what is no address is wrong usage", () => {
  for (const wrong of ["", "mqtt://a", "tcp://", "tcp://a:99999", "a b"]) {
    assert.throws(() => given(wrong), { name: "CommandError", exitCode: 2 }, wrong);
  }
});

test("ports that are left out", () => {
  const port = (flag: string): number => portOf(serverAddress({ flag, ...nowhere }));
  assert.deepEqual(
    ["tcp://a", "tls://a", "ws://a", "wss://a", "a:5"].map(port),
    [8080, 8080, 80, 443, 5],
  );
});

test("what is this machine", () => {
  const local = (flag: string): boolean => isLocal(serverAddress({ flag, ...nowhere }));
  assert.deepEqual(["localhost:1", "127.3.2.1", "[::1]:5", "ws://127.0.0.1"].map(local), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(["localhost.example.com", "10.0.0.1", "[::2]:5"].map(local), [
    false,
    false,
    false,
  ]);
});
