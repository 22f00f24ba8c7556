/** House rules that no linter knows: file length, forbidden names, leftovers, sleeps in tests. */
import { basename, join } from "node:path";
import { SyntaxKind } from "typescript/unstable/ast";
import { findFiles } from "./find-files.ts";
import type { Finding, Report } from "./report.ts";
import { readSourceFile, type SourceFile, type Token } from "./source-file.ts";

const FOLDERS = ["packages", "scripts", "test", "examples", ".ci"];
const MAX_LINES = 500;
const MANY_LINES = 300;
const NAMELESS = /^(?:utils?|helpers?|types|common)\.[cm]?[jt]sx?$/;
const LEFTOVER = /\b(?:TODO|FIXME)\b/;
const SLEEPERS = new Set(["sleep", "sleepMs", "delay"]);

/** Checks every source file of the tree at `root`. */
export function checkHouse(root: string): Report {
  const paths = FOLDERS.flatMap((folder) => findFiles(root, folder, /\.(?:[cm]?[jt]s|tsx)$/));
  const findings = paths.flatMap((path) => checkFile(path, readSourceFile(join(root, path))));
  return { findings, summary: `${paths.length} files` };
}

function checkFile(path: string, file: SourceFile): Finding[] {
  return [
    ...checkLength(path, file),
    ...checkName(path),
    ...checkLeftovers(path, file),
    ...checkDefaultExport(path, file),
    ...(path.endsWith(".test.ts") ? checkSleeps(path, file) : checkHiddenClocks(path, file)),
  ];
}

function checkLength(path: string, { codeLines }: SourceFile): Finding[] {
  if (codeLines > MAX_LINES) {
    return [{ path, line: 0, message: `${codeLines} lines of code, at most ${MAX_LINES}` }];
  }
  if (codeLines <= MANY_LINES) return [];
  return [{ path, line: 0, message: `${codeLines} lines of code, think again`, isWarning: true }];
}

function checkName(path: string): Finding[] {
  if (!NAMELESS.test(basename(path))) return [];
  return [{ path, line: 0, message: "this name says nothing; a thing lives with what makes it" }];
}

function checkLeftovers(path: string, { comments }: SourceFile): Finding[] {
  return comments
    .filter(({ text }) => LEFTOVER.test(text))
    .map(({ line, text }) => ({ path, line, message: `left behind: ${LEFTOVER.exec(text)?.[0]}` }));
}

function checkDefaultExport(path: string, { tokens }: SourceFile): Finding[] {
  return tokens.flatMap((token, i) =>
    token.kind === SyntaxKind.ExportKeyword && tokens[i + 1]?.kind === SyntaxKind.DefaultKeyword
      ? [{ path, line: token.line, message: "named exports only" }]
      : [],
  );
}

function checkSleeps(path: string, file: SourceFile): Finding[] {
  const found = file.tokens.flatMap((token, i) => (isSleep(file.tokens, i) ? [token.line] : []));
  const timers = file.imports.filter(({ specifier }) => specifier === "node:timers/promises");
  return [...found, ...timers.map(({ line }) => line)].map((line) => ({
    path,
    line,
    message: "a test waits for the event, never for a duration",
  }));
}

// `sleep(...)` and its like, called as a function; `new Promise((done) => setTimeout(done, ...))`
// in any spelling; `Atomics.wait`. A timer that only ends a wait that takes too long is fine.
function isSleep(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i] as Token;
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  if (token.kind === SyntaxKind.NewKeyword && after?.text === "Promise") {
    return resolvesByTimer(tokens, i + 2);
  }
  if (after?.kind !== SyntaxKind.OpenParenToken) return false;
  const isMethod = before?.kind === SyntaxKind.DotToken;
  if (token.text === "wait" && isMethod) {
    const owner = tokens[i - 2]?.text;
    return owner === "Atomics" || owner === "scheduler";
  }
  return !isMethod && token.kind === SyntaxKind.Identifier && SLEEPERS.has(token.text);
}

// The executor's first parameter, handed to setTimeout as it is or called in its callback.
function resolvesByTimer(tokens: readonly Token[], from: number): boolean {
  const head = tokens.slice(from, from + 12);
  const open = head.findIndex(({ kind }) => kind === SyntaxKind.OpenParenToken);
  const resolve = head.slice(open + 1).find(({ kind }) => kind === SyntaxKind.Identifier)?.text;
  const timer = head.findIndex(({ text }) => text === "setTimeout" || text === "setImmediate");
  if (resolve === undefined || timer < 0) return false;
  const rest = tokens.slice(from + timer + 1, from + timer + 8);
  return rest.some(({ text }) => text === resolve);
}

// Clocks that oxlint's list of forbidden properties cannot express.
function checkHiddenClocks(path: string, { tokens }: SourceFile): Finding[] {
  if (!/^packages\/(?!bench\/|conformance\/)[^/]+\/src\//.test(path)) return [];
  if (path.endsWith("src/base/clock.ts")) return [];
  return tokens.flatMap((token, i) => {
    const [date, open, close] = tokens.slice(i + 1, i + 4);
    const isNow =
      token.kind === SyntaxKind.NewKeyword &&
      date?.text === "Date" &&
      (open?.kind !== SyntaxKind.OpenParenToken || close?.kind === SyntaxKind.CloseParenToken);
    return isNow ? [{ path, line: token.line, message: "take a Clock (base/clock.ts)" }] : [];
  });
}
