import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";

const tests = fileURLToPath(new URL("../../pack/pack.test.ts", import.meta.url));
const maxTold = 500;

/** What is published works where it is installed. */
export const packRow: Row = {
  name: "pack",
  what: "the packed library and command, installed into an empty folder: import, types, publint, the binary, bundles",
  tiers: { 0: "once", 1: "once" },
  isQuick: false,
  run: async () => {
    const { passed, failed, output } = await runTests();
    const told = output.slice(-maxTold);
    const faults = failed === 0 && passed > 0 ? [] : [`${failed} of its tests fail: ${told}`];
    return { count: passed, unit: "tests", observed: [], faults };
  },
};

/** The tests of `npm test`, in a process of their own: the only place where they stand. */
async function runTests(): Promise<{ passed: number; failed: number; output: string }> {
  const args = ["--conditions=omnibus-source", "--test", "--test-reporter=tap", tests];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) output += String(chunk);
  const count = (name: string): number =>
    Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  return { passed: count("pass"), failed: count("fail"), output };
}
