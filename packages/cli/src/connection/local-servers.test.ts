import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { LocalServers } from "./local-servers.ts";

test("the token of a killed server counted as a server", async () => {
  const folder = mkdtempSync(join(tmpdir(), "omnibus-local-"));
  const [running, killed] = [createServer(), createServer()];
  const ports = [];
  for (const server of [running, killed]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    ports.push(port);
    writeFileSync(join(folder, `local-token-${port}`), "t");
  }
  killed.close();
  await once(killed, "close");
  try {
    assert.deepEqual(await new LocalServers(folder).ports(), ports.slice(0, 1));
    // Nobody but the server itself, which may listen where this does not look, takes its token away.
    assert.deepEqual(
      ports.map((port) => existsSync(join(folder, `local-token-${port}`))),
      [true, true],
    );
  } finally {
    running.close();
    rmSync(folder, { recursive: true });
  }
});
