/**
 * What the checks want to know of one source file, read with TypeScript's own scanner so that
 * comments, strings, templates and regular expressions cannot be mistaken for code.
 */
import { readFileSync } from "node:fs";
import { createScanner, SyntaxKind } from "typescript/unstable/ast";

/** One token of the source, comments and blanks left out. */
export interface Token {
  readonly kind: SyntaxKind;
  readonly text: string;
  readonly line: number;
}

/** One comment, of either form, with its marks. */
export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** One `import`, `export ... from`, `import()` or `import("x").Type`. */
export interface ImportStatement {
  readonly specifier: string;
  readonly line: number;
  /** The whole statement is erased: `import type`, `export type`, `import { type A, type B }`. */
  readonly isTypeOnly: boolean;
}

/** A scanned file. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
  readonly imports: readonly ImportStatement[];
  /** Lines that hold at least one token. */
  readonly codeLines: number;
}

/** Reads and scans the file at `path`. */
export function readSourceFile(path: string): SourceFile {
  return scanSource(path, readFileSync(path, "utf8"));
}

/** Scans `text`; `path` is only kept for messages. */
export function scanSource(path: string, text: string): SourceFile {
  const { tokens, comments, codeLines } = tokenize(text);
  return { path, text, tokens, comments, imports: findImports(tokens), codeLines };
}

function tokenize(text: string): { tokens: Token[]; comments: Comment[]; codeLines: number } {
  const scanner = createScanner(false, undefined, text);
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  const codeLines = new Set<number>();
  // One entry per open brace: whether it opened a template's `${`.
  const braces: boolean[] = [];
  let line = 1;
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    if (kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) {
      if (regexMayStart(tokens.at(-1))) kind = scanner.reScanSlashToken();
    } else if (kind === SyntaxKind.OpenBraceToken) {
      braces.push(false);
    } else if (kind === SyntaxKind.TemplateHead) {
      braces.push(true);
    } else if (kind === SyntaxKind.CloseBraceToken) {
      if (braces.at(-1) === true) kind = scanner.reScanTemplateToken(false);
      if (kind !== SyntaxKind.TemplateMiddle) braces.pop();
    }
    const raw = scanner.getTokenText();
    const start = line;
    line += countNewlines(raw);
    if (isTrivia(kind)) continue;
    if (isComment(kind)) {
      comments.push({ text: raw, line: start });
      continue;
    }
    const isString = kind === SyntaxKind.StringLiteral;
    tokens.push({ kind, text: isString ? scanner.getTokenValue() : raw, line: start });
    for (let l = start; l <= line; l++) codeLines.add(l);
  }
  return { tokens, comments, codeLines: codeLines.size };
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function isComment(kind: SyntaxKind): boolean {
  return kind === SyntaxKind.SingleLineCommentTrivia || kind === SyntaxKind.MultiLineCommentTrivia;
}

function isTrivia(kind: SyntaxKind): boolean {
  return kind === SyntaxKind.WhitespaceTrivia || kind === SyntaxKind.NewLineTrivia;
}

// A slash after a value divides; anywhere else it opens a regular expression. After `)` and `}`
// only a parser could tell: there, taking it for a division is right in all usual code.
function regexMayStart(before: Token | undefined): boolean {
  if (before === undefined) return true;
  switch (before.kind) {
    case SyntaxKind.Identifier:
    case SyntaxKind.PrivateIdentifier:
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateTail:
    case SyntaxKind.CloseParenToken:
    case SyntaxKind.CloseBracketToken:
    case SyntaxKind.CloseBraceToken:
    case SyntaxKind.ThisKeyword:
    case SyntaxKind.PlusPlusToken:
    case SyntaxKind.MinusMinusToken:
      return false;
    default:
      return true;
  }
}

function findImports(tokens: readonly Token[]): ImportStatement[] {
  const imports: ImportStatement[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind !== SyntaxKind.ImportKeyword && token.kind !== SyntaxKind.ExportKeyword)
      continue;
    if (tokens[i - 1]?.kind === SyntaxKind.DotToken) continue; // a property named `import`
    const found =
      token.kind === SyntaxKind.ImportKeyword && tokens[i + 1]?.kind === SyntaxKind.OpenParenToken
        ? readImportCall(tokens, i)
        : readStatement(tokens, i);
    if (found !== undefined) imports.push(found);
  }
  return imports;
}

function readImportCall(tokens: readonly Token[], at: number): ImportStatement | undefined {
  const argument = tokens[at + 2];
  if (argument === undefined || !isText(argument)) return undefined;
  const before = tokens[at - 1]?.kind;
  // `import("x").T` in a type stands after `:`, `<`, `|`, `&`, `typeof`, `=`; only the first ones
  // and `typeof` are certain, and counting a type as a value is the safe side.
  const isTypeOnly = before === SyntaxKind.TypeOfKeyword;
  return { specifier: unquote(argument.text), line: argument.line, isTypeOnly };
}

function readStatement(tokens: readonly Token[], at: number): ImportStatement | undefined {
  const first = tokens[at + 1];
  if (first === undefined) return undefined;
  if (isText(first)) return { specifier: first.text, line: first.line, isTypeOnly: false };
  const isExport = (tokens[at] as Token).kind === SyntaxKind.ExportKeyword;
  let next = at + 1;
  const isType = first.text === "type" && isTypeModifier(tokens[at + 2]);
  if (isType) next++;
  const opener = tokens[next]?.kind;
  if (isExport && opener !== SyntaxKind.OpenBraceToken && opener !== SyntaxKind.AsteriskToken)
    return undefined;
  for (let i = next; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind === SyntaxKind.SemicolonToken || token.kind === SyntaxKind.EqualsToken)
      return undefined;
    const specifier = tokens[i + 1];
    if (token.kind !== SyntaxKind.FromKeyword || specifier === undefined || !isText(specifier))
      continue;
    const isTypeOnly = isType || namesAreAllTypes(tokens.slice(next, i));
    return { specifier: specifier.text, line: specifier.line, isTypeOnly };
  }
  return undefined;
}

function isTypeModifier(after: Token | undefined): boolean {
  return (
    after !== undefined &&
    (after.kind === SyntaxKind.OpenBraceToken ||
      after.kind === SyntaxKind.AsteriskToken ||
      (after.kind === SyntaxKind.Identifier && after.text !== "from"))
  );
}

// `{ type A, type B }`: erased as a whole in effect, if not by verbatimModuleSyntax.
function namesAreAllTypes(clause: readonly Token[]): boolean {
  if (clause[0]?.kind !== SyntaxKind.OpenBraceToken) return false;
  const names = clause.slice(1, -1);
  if (names.length === 0) return false;
  return names.every((token, i) => {
    const startsName = i === 0 || names[i - 1]?.kind === SyntaxKind.CommaToken;
    return !startsName || token.text === "type";
  });
}

function isText(token: Token): boolean {
  return (
    token.kind === SyntaxKind.StringLiteral ||
    token.kind === SyntaxKind.NoSubstitutionTemplateLiteral
  );
}

function unquote(text: string): string {
  return text.startsWith("`") ? text.slice(1, -1) : text;
}
