/**
 * The layer check: every import of every module under packages is held against the layer table,
 * goes through a room's door, and closes no cycle, type imports included.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { findCycles } from "./find-cycles.ts";
import { findFiles, listPackages } from "./find-files.ts";
import { generalOf, roomOf, ruleOf, type LayerRule } from "./layer-table.ts";
import type { Finding, Report } from "./report.ts";
import { readSourceFile, type ImportStatement, type SourceFile } from "./source-file.ts";

/** Options of {@link checkLayers}. */
export interface LayerOptions {
  /** Fewer modules than this in packages/omnibus/src mean that the check is blind. Default 10. */
  readonly minModules?: number;
}

const LIBRARY = "packages/omnibus";
const SOURCE = `${LIBRARY}/src/`;
// Packages whose job is measuring or judging; they may use `omnibus/testing` outside tests too.
const JUDGES = new Set(["packages/bench", "packages/conformance"]);

/** Checks the tree at `root`. */
export function checkLayers(root: string, options: LayerOptions = {}): Report {
  const findings: Finding[] = [];
  const graph = new Map<string, string[]>();
  const subpaths = readSubpaths(root);
  let imports = 0;
  let modules = 0;
  for (const folder of listPackages(root)) {
    for (const path of findFiles(root, folder, /\.ts$/)) {
      const file = readSourceFile(join(root, path));
      if (path.startsWith(SOURCE)) modules++;
      imports += file.imports.length;
      findings.push(...findBlindness(path, file));
      const targets: string[] = [];
      for (const statement of file.imports) {
        const target = resolveRelative(path, statement.specifier);
        if (target !== undefined) targets.push(target);
        const message =
          target !== undefined && !existsSync(join(root, target))
            ? `imports ${statement.specifier}, which does not exist`
            : judge(path, statement, target, subpaths);
        if (message !== undefined) findings.push({ path, line: statement.line, message });
      }
      graph.set(path, targets);
    }
  }
  for (const cycle of findCycles(graph)) {
    findings.push({
      path: cycle[0] as string,
      line: 0,
      message: `import cycle: ${cycle.join(" -> ")}`,
    });
  }
  const minModules = options.minModules ?? 10;
  if (modules < minModules) {
    const message = `only ${modules} modules seen, at least ${minModules} expected`;
    findings.push({ path: SOURCE, line: 0, message });
  }
  return { findings, summary: `${graph.size} modules, ${imports} imports` };
}

// A second, cruder look at the same text: where it sees imports and the scanner saw none, the
// scanner is broken and every other answer worthless.
function findBlindness(path: string, file: SourceFile): Finding[] {
  const looksImporting = /^(?:import|export)\b[^;"'`]*\bfrom ["']/m.test(file.text);
  if (!looksImporting || file.imports.length > 0) return [];
  const isCommentedOut = file.comments.some(({ text }) => /\bfrom ["']/.test(text));
  const isQuoted = file.tokens.some(({ text }) => /\bfrom ["']/.test(text));
  if (isCommentedOut || isQuoted) return [];
  return [{ path, line: 0, message: "the layer check saw no import here, but there are some" }];
}

function judge(
  path: string,
  statement: ImportStatement,
  target: string | undefined,
  subpaths: ReadonlySet<string>,
): string | undefined {
  const { specifier } = statement;
  if (target?.endsWith(".test.ts") === true) return `imports a test, ${specifier}`;
  const isTest = isTestFile(path);
  if (path.startsWith(SOURCE)) {
    if (target === undefined) return judgePackage(path, specifier, isTest);
    if (!target.startsWith(SOURCE)) {
      return isTest && target.startsWith(`${LIBRARY}/test/`)
        ? undefined
        : `leaves src by ${specifier}`;
    }
    return judgeRoom(path.slice(SOURCE.length), target.slice(SOURCE.length), statement, isTest);
  }
  if (path.startsWith(`${LIBRARY}/`)) return judgeLibraryTest(target, specifier);
  return judgeOutsider(path, target, specifier, isTest, subpaths);
}

function judgeRoom(
  from: string,
  to: string,
  statement: ImportStatement,
  isTest: boolean,
): string | undefined {
  const ours = roomOf(from);
  const theirs = roomOf(to);
  const rule = ruleOf(ours);
  if (rule === undefined)
    return `${ours} is no room of the layer table (scripts/check/layer-table.ts)`;
  if (ours === theirs) {
    return to === `${ours}/index.ts`
      ? "imports its own room's door; import the file itself"
      : undefined;
  }
  if (ruleOf(theirs) === undefined) return `imports ${theirs}, which is no room of the layer table`;
  if (isTest && theirs === "testing") return throughDoor(theirs, to);
  if (rule.rooms.includes(generalOf(theirs))) return throughDoor(theirs, to);
  if (rule.typesOnly?.includes(generalOf(theirs)) === true) {
    if (statement.isTypeOnly || isTest) return throughDoor(theirs, to);
    return `${ours} may import only types of ${theirs}: write import type`;
  }
  return `${ours} may not import ${theirs} (${allowed(rule)})`;
}

function throughDoor(room: string, to: string): string | undefined {
  if (to === room || to === `${room}/index.ts`) return undefined;
  return `goes around the door of ${room}: import ${room}/index.ts`;
}

function allowed(rule: LayerRule): string {
  const rooms = [...rule.rooms, ...(rule.typesOnly ?? []).map((room) => `types of ${room}`)];
  return rooms.length === 0 ? "it imports nothing" : `it may import ${rooms.join(", ")}`;
}

function judgePackage(path: string, specifier: string, isTest: boolean): string | undefined {
  const room = roomOf(path.slice(SOURCE.length));
  if (packageName(specifier) === "omnibus")
    return "imports its own package by name; import the room's door";
  if (isTest) return undefined;
  const rule = ruleOf(room);
  if (rule === undefined) return undefined; // told by judgeRoom or by the table's own test
  if (specifier.startsWith("node:")) {
    return rule.isNode ? undefined : `${room} runs everywhere and may not import ${specifier}`;
  }
  if (rule.packages === undefined || rule.packages.includes(packageName(specifier)))
    return undefined;
  return `${room} may not import the package ${specifier}`;
}

// packages/omnibus/test crosses layers: any door, and its own files.
function judgeLibraryTest(target: string | undefined, specifier: string): string | undefined {
  if (target === undefined || !target.startsWith(SOURCE)) {
    return target !== undefined && !target.startsWith(`${LIBRARY}/`)
      ? `leaves its package by ${specifier}`
      : undefined;
  }
  const to = target.slice(SOURCE.length);
  return throughDoor(roomOf(to), to);
}

function judgeOutsider(
  path: string,
  target: string | undefined,
  specifier: string,
  isTest: boolean,
  subpaths: ReadonlySet<string>,
): string | undefined {
  const home = path.split("/").slice(0, 2).join("/");
  if (target !== undefined) {
    return target.startsWith(`${home}/`) ? undefined : `leaves its package by ${specifier}`;
  }
  if (packageName(specifier) !== "omnibus") return undefined;
  if (!subpaths.has(specifier)) return `${specifier} is no public subpath of omnibus`;
  if (specifier === "omnibus/testing" && !isTest && !JUDGES.has(home)) {
    return "only tests and benchmarks import omnibus/testing";
  }
  return undefined;
}

function resolveRelative(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : undefined;
}

function isTestFile(path: string): boolean {
  return path.endsWith(".test.ts") || /^packages\/[^/]+\/test\//.test(path);
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] as string);
}

function readSubpaths(root: string): Set<string> {
  const path = join(root, LIBRARY, "package.json");
  if (!existsSync(path)) return new Set();
  const manifest = JSON.parse(readFileSync(path, "utf8")) as { exports?: Record<string, unknown> };
  return new Set(Object.keys(manifest.exports ?? {}).map((key) => posix.join("omnibus", key)));
}
