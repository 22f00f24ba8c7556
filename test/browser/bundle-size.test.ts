import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle, bytesOfRooms } from "./bundle.ts";

/** More is an error: a bundle grows by itself. The goal of 20 kB is not reached (docs/adr/0016). */
const maxLightGzipBytes = 22_700;
const maxGzipBytes = 35_500;
const inKb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

test("open, publish and subscribe in a browser: the size is known, and held", async () => {
  const { bytes, gzipBytes, parts } = await bundle(
    `import { openBus } from "omnibus"; globalThis.openBus = openBus;`,
  );
  console.log(`${inKb(gzipBytes)} gzip, ${inKb(bytes)} minified, of ${parts.size} files`);
  for (const [room, size] of bytesOfRooms(parts)) console.log(`${room}: ${inKb(size)}`);
  for (const [path, size] of [...parts].slice(0, 10)) console.log(`${path}: ${inKb(size)}`);
  assert.ok(gzipBytes < maxGzipBytes, `${gzipBytes} bytes gzip; at most ${maxGzipBytes}`);
});

test("the light bus is smaller, and has nothing of routing", async () => {
  const { gzipBytes, parts } = await bundle(
    `import { openBus } from "omnibus/light"; globalThis.openBus = openBus;`,
  );
  const rooms = bytesOfRooms(parts);
  console.log(`light: ${inKb(gzipBytes)} gzip`);
  for (const [room, size] of rooms) console.log(`${room}: ${inKb(size)}`);
  assert.ok(!rooms.has("routing") && !rooms.has("index"));
  for (const file of ["session/session.ts", "session/outbox.ts", "bus/bus-core.ts"])
    assert.ok((parts.get(`packages/omnibus/src/${file}`) ?? 0) < 100, `${file}, beyond a constant`);
  assert.ok(gzipBytes < maxLightGzipBytes, `${gzipBytes} bytes gzip`);
});

test("the bundle holds nothing of Node, the server, or what it does not use", async () => {
  const { parts } = await bundle(
    `import { openBus } from "omnibus"; globalThis.openBus = openBus;`,
  );
  const rooms = [...bytesOfRooms(parts).keys()];
  assert.deepEqual(
    rooms.filter((room) => !allowed.has(room)),
    [],
  );
  assert.ok(!parts.has("packages/omnibus/src/base/error-table.ts"), "texts that nobody reads");
  const nothing = await bundle(`import "omnibus";`);
  assert.equal(nothing.bytes, 0, "importing the library alone costs nothing");
});

test("a bundle that needs Node is refused, so the tests above can fail", async () => {
  await assert.rejects(bundle(`import { readFileSync } from "node:fs"; readFileSync("x");`));
  await assert.rejects(bundle(`import { startServer } from "omnibus/server"; startServer;`));
});

const allowed = new Set(["base", "wire", "link", "session", "routing", "bus", "index", "<stdin>"]);
