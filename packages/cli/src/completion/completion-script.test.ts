import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import test from "node:test";
import { createProgram } from "../program.ts";
import { commandWords } from "./command-words.ts";
import { completionScript } from "./completion-script.ts";

const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const needs = (shell: string): { skip: string | false } => ({
  skip: has(shell) ? false : `needs ${shell}: apt-get install ${shell}`,
});

function inBash(line: string): string[] {
  const words = line.split(" ");
  const script = `${completionScript("bash", createProgram())}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_omnibus && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  assert.equal(`${status}${stderr}`, "0");
  return stdout.split("\n").filter((word) => word !== "");
}

function inFish(line: string): string[] {
  const script = `${completionScript("fish", createProgram())}\ncomplete --do-complete '${line}'`;
  const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout
    .split("\n")
    .map((entry) => entry.split("\t")[0] ?? "")
    .filter((word) => word !== "");
}

test("every command is found in the tree, with its options", () => {
  const paths = commandWords(createProgram()).map(({ path }) => path);
  for (const path of ["", "serve", "sub", "pub", "cert", "user", "user hash", "token", "bench"]) {
    assert.ok(paths.includes(path), path);
  }
  const serve = commandWords(createProgram()).find(({ path }) => path === "serve");
  const config = serve?.options.find(({ names }) => names.includes("--config"));
  assert.deepEqual(config?.value, { kind: "file" });
  assert.deepEqual(config?.names, ["--config", "-c"]);
});

test("bash completes commands, options and values", needs("bash"), () => {
  assert.deepEqual(inBash("omnibus s"), ["serve", "sub"]);
  assert.deepEqual(inBash("omnibus user ha"), ["hash"]);
  assert.deepEqual(inBash("omnibus serve --p"), ["--port", "--print-config"]);
  assert.deepEqual(inBash("omnibus sub x --realm l"), ["lan"]);
  assert.deepEqual(inBash("omnibus completion z"), ["zsh"]);
  assert.deepEqual(inBash("omnibus serve --host 1"), []);
  const files = inBash("omnibus serve --config packages/cli/p");
  assert.deepEqual(files, existsSync("packages/cli") ? ["packages/cli/package.json"] : []);
});

test("zsh reads its script", needs("zsh"), () => {
  const script = completionScript("zsh", createProgram());
  const { stderr, status } = spawnSync("zsh", ["-f", "-n", "-c", script], { encoding: "utf8" });
  assert.equal(`${status}${stderr}`, "0");
  const load = `autoload -Uz compinit && compinit -D\n${script}\nprint $_comps[omnibus]`;
  const loaded = spawnSync("zsh", ["-f", "-c", load], { encoding: "utf8" });
  assert.equal(`${loaded.stdout}${loaded.stderr}`, "_omnibus\n");
});

test("fish completes commands, options and values", needs("fish"), () => {
  assert.deepEqual(inFish("omnibus s"), ["serve", "sub"]);
  assert.deepEqual(inFish("omnibus user ha"), ["hash"]);
  assert.deepEqual(inFish("omnibus serve --p"), ["--port", "--print-config"]);
  assert.deepEqual(inFish("omnibus sub x --realm g"), ["global"]);
  assert.deepEqual(inFish("omnibus serve --host pack"), []);
  assert.deepEqual(inFish("omnibus completion z"), ["zsh"]);
});
