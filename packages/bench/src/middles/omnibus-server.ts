/** Our server as `omnibus serve` composes it: authentication, history, metrics, one port for all protocols. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepYoungHeapSmall } from "omnibus/server/young-heap";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

export const methods: MiddleMethods = middleMethods(async () => {
  // As the command does: first of all.
  keepYoungHeapSmall();
  const { createLogger, loadSettings, startServer } = await import("omnibus/server");
  const folder = mkdtempSync(join(tmpdir(), "omnibus-bench-"));
  const everything = { publish: ["**"], subscribe: ["**"] };
  const { settings } = loadSettings({
    flags: { "server.port": 0, "server.log_level": "error", "server.anonymous": everything },
    environment: {},
    folder,
  });
  const log = createLogger({ level: "error", isPretty: false });
  const server = await startServer({ settings, dataFolder: join(folder, "data"), log });
  return { port: server.port };
});
