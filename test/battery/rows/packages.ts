import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Row } from "../row.ts";

const root = resolve(import.meta.dirname, "../../..");
const testFile = "test/pack/pack.test.ts";

/** What a user installs: the cases are those of the test of the archives. */
export const packagesRow: Row = {
  name: "packages",
  what: "each public package, packed and installed into an empty folder: files, imports, types, publint, a bundle, the command",
  tiers: { 0: "once", 1: "once" },
  isQuick: false, // The test itself is one of `npm test`.
  run: async ({ progress }) => {
    progress("packing and installing");
    const args = ["--conditions=omnibus-source", "--test", "--test-reporter=tap", testFile];
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [report] = await Promise.all([text(child.stdout), once(child, "close")]);
    const { passed, failed } = readReport(report);
    const faults = [...failed];
    if (child.exitCode !== 0 && faults.length === 0) faults.push(report.slice(-1000));
    return { count: passed.length + failed.length, unit: "cases", observed: passed, faults };
  },
};

/** The names of the cases in a report in TAP; a skipped one is in neither list. */
export function readReport(tap: string): { passed: string[]; failed: string[] } {
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [, not, name = "", directive] of tap.matchAll(
    /^(not )?ok \d+ - ([^#\n]*?)(?: # (\w+).*)?$/gm,
  )) {
    if (not !== undefined) failed.push(name);
    else if (directive === undefined) passed.push(name);
  }
  return { passed, failed };
}
