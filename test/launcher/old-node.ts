/** A Node older than 24, for the tests of what such a one can start. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findOldNode, usersEnvironment } from "./machine.ts";

const version = "20.20.2";

/** The PATH's own Node if it is old; else one from npm, in a temporary folder, for these tests only. */
export class OldNode implements Disposable {
  /** The executable; undefined if there is none. */
  readonly path: string | undefined;
  /** Why there is none: the reason of a skip, which is a failure where all needs are to be met. */
  readonly missing: string = "";
  readonly #folder: string | undefined;

  constructor() {
    this.path = findOldNode();
    if (this.path !== undefined) return;
    this.#folder = mkdtempSync(join(tmpdir(), "omnibus-old-node-"));
    const system = process.platform === "win32" ? "win" : process.platform;
    const packaged = `node-${system}-${process.arch}`;
    const user = usersEnvironment();
    const env = { ...user, PATH: `${dirname(process.execPath)}${delimiter}${user["PATH"]}` };
    const quick = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    const { status, stderr, error } = spawnSync(
      "npm",
      ["install", `--prefix=${this.#folder}`, ...quick, `${packaged}@${version}`],
      { cwd: this.#folder, env, encoding: "utf8" },
    );
    if (status === 0) this.path = join(this.#folder, "node_modules", packaged, "bin/node");
    else
      this.missing = `needs an older Node: npm has no ${packaged}@${version} here: ${error?.message ?? stderr.slice(0, 300)}`;
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
