import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { findProgram } from "../harness/external-server.ts";
import type { RowResult } from "../scenarios/row-result.ts";

/** Which form of the benchmark was run. */
export type Form = "short" | "full" | "check";

/** Everything that a run gave; this is the JSON file. */
export interface Report {
  readonly form: Form;
  readonly date: string;
  /** How long the run took. */
  readonly seconds: number;
  readonly machine: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
  /** Titles of rows that this form leaves out. */
  readonly leftOut: readonly string[];
}

const SERVERS: Readonly<Record<string, readonly string[]>> = {
  "nats-server": ["--version"],
  "redis-server": ["--version"],
  mosquitto: ["-h"],
};

/** What the figures were measured on. */
export function describeMachine(): Record<string, string> {
  const all = cpus();
  return {
    cpu: `${all.length} x ${all[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    node: process.version,
  };
}

/** The versions of the foreign servers that are installed. */
export function describeServers(): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const [name, flags] of Object.entries(SERVERS)) {
    const program = findProgram(name);
    if (program === undefined) continue;
    const version = /\d+\.\d+\.\d+/.exec(outputOf(program, flags))?.[0];
    versions[name] = version ?? "unknown";
  }
  return versions;
}

function outputOf(program: string, flags: readonly string[]): string {
  try {
    return execFileSync(program, flags, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // mosquitto prints its help and ends with a code other than 0.
    const { stdout } = error as { stdout?: unknown };
    return typeof stdout === "string" ? stdout : "";
  }
}
