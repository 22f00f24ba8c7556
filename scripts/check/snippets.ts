/** The snippet check: every fenced `ts` block of the documents compiles against the real types. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFiles } from "./find-files.ts";
import type { Finding, Report } from "./report.ts";
import { toolCommand } from "./tool-command.ts";

/** One fenced block. */
export interface Snippet {
  /** The document, relative to the root. */
  readonly path: string;
  /** The line of its first code line, from 1. */
  readonly line: number;
  readonly code: string;
}

// What a snippet may use without saying where it comes from; one that declares it itself hides it.
const GLOBALS = `declare const bus: import("omnibus").Bus;
declare const signal: AbortSignal;
`;

const COMPILER_OPTIONS = {
  types: ["node"],
  declaration: false,
  isolatedDeclarations: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** Checks every README.md of the tree and the documents below docs. */
export function checkSnippets(root: string): Report {
  const documents = findDocuments(root);
  const snippets = documents.flatMap((path) =>
    findSnippets(path, readFileSync(join(root, path), "utf8")),
  );
  const summary = `${snippets.length} snippets in ${documents.length} documents`;
  return { findings: snippets.length === 0 ? [] : compile(root, snippets), summary };
}

function findDocuments(root: string): string[] {
  const readmes = findFiles(root, "", /^README\.md$/);
  return [...new Set([...readmes, ...findFiles(root, "docs", /\.md$/)])].sort();
}

/** The fenced blocks marked `ts` of one document. */
export function findSnippets(path: string, text: string): Snippet[] {
  const found: Snippet[] = [];
  let open: { fence: string; line: number; lines: string[]; isTs: boolean } | undefined;
  text.split("\n").forEach((line, at) => {
    const [, indent = "", fence = "", word = ""] = /^(\s*)(`{3,}|~{3,})\s*(\S*)/.exec(line) ?? [];
    if (open === undefined) {
      const isTs = word === "ts" || word === "typescript";
      if (fence !== "") open = { fence: indent + fence, line: at + 2, lines: [], isTs };
    } else if (fence !== "" && word === "" && indent + fence === open.fence) {
      if (open.isTs) found.push({ path, line: open.line, code: open.lines.join("\n") });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  });
  return found;
}

/** One file per snippet, its code at the line where it stands in the document. */
function compile(root: string, snippets: readonly Snippet[]): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "omnibus-snippets-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "globals.d.ts"), GLOBALS);
    writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
    const base = join(root, "tsconfig.base.json");
    const config = { extends: base, compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    snippets.forEach(({ line, code }, at) => {
      const text = `${"\n".repeat(line - 1)}${code}\nexport {};\n`;
      writeFileSync(join(folder, `snippet-${at}.ts`), text);
    });
    const [file, ...rest] = toolCommand(root, "tsc");
    const options = { cwd: folder, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(file, [...rest, "--pretty", "false"], options);
    return readErrors(`${stdout}${stderr}`, status === 0, snippets);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readErrors(output: string, isPassed: boolean, snippets: readonly Snippet[]): Finding[] {
  const findings: Finding[] = [];
  for (const line of output.split("\n")) {
    const [, at, row, message = ""] = /^snippet-(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line) ?? [];
    const snippet = snippets[Number(at ?? -1)];
    if (snippet !== undefined) findings.push({ path: snippet.path, line: Number(row), message });
  }
  // An error that stands nowhere (in the configuration, say) must not pass for none.
  if (findings.length > 0 || isPassed) return findings;
  return [{ path: "scripts/check/snippets.ts", line: 0, message: output.trim() }];
}
