import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { SocketLink } from "./tcp-link.ts";

/** A link over a socket that only writes down what it is given. */
function linkThatNotes(written: Uint8Array[]): SocketLink {
  const socket = new net.Socket();
  socket.write = (chunk: Uint8Array | string): boolean => written.push(chunk as Uint8Array) > 0;
  return new SocketLink(socket, { kind: "tcp", realm: "user", isIntegrityProtected: false });
}

test("links that write the same chunks share the buffers that Node needs, until the work is done", async () => {
  const memory = Uint8Array.from({ length: 100 }, (_, n) => n);
  const chunks = [memory.subarray(10, 20), memory.subarray(30, 70)];
  const written: Uint8Array[][] = [[], [], []];
  const [first = [], second = [], third = []] = written;
  const links = written.map(linkThatNotes);
  links[0]?.write(chunks);
  links[1]?.write(chunks);
  // In other places: nothing to share, and nothing to mix up.
  links[2]?.write(chunks.toReversed());
  assert.deepEqual(
    first.map((bytes) => [...bytes]),
    chunks.map((bytes) => [...bytes]),
  );
  assert.deepEqual(
    third.map((bytes) => [...bytes]),
    chunks.toReversed().map((bytes) => [...bytes]),
  );
  assert.ok(first.every((bytes) => Buffer.isBuffer(bytes) && bytes.buffer === memory.buffer));
  assert.equal(second.length, 2);
  for (const [at, bytes] of second.entries()) assert.equal(bytes, first[at]);
  await Promise.resolve();
  links[1]?.write(chunks);
  assert.notEqual(second[2], first[0]);
});
