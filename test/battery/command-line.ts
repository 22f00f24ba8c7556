import { parseArgs } from "node:util";
import type { Row, Tier } from "./row.ts";

/** What the user asked for. */
export interface Command {
  readonly tier: Tier;
  /** Only rows whose name begins with one of these, or all. */
  readonly rows: readonly string[];
  /** The folder for histories; undefined is the one beside the source. */
  readonly results: string | undefined;
  readonly isJson: boolean;
  /** Rows are run against servers with planted faults, which they must find. */
  readonly isPlanted: boolean;
  readonly isHelp: boolean;
}

/** The text of `--help`. */
export function helpText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const list = rows.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`).join("\n");
  return `npm run battery -- [options]

Tries to break Omnibus: real processes, hostile input, stuck receivers, wrong credentials.

  --tier 0|1     0 (default) takes minutes, 1 far more tries and longer times
  --rows LIST    only rows whose names begin so, e.g. --rows malformed,bombs
  --planted      runs rows on servers with a fault planted in each, which the row must find (some 10 minutes)
  --results DIR  writes the histories there (default: battery-results)
  --json         the results as JSON on standard output instead of the table
  --help         this text

Rows:
${list}

Exit code: 0 all passed, 1 a row failed, 2 wrong usage.
`;
}

/** Reads the arguments. Throws an Error whose message tells the user what is wrong. */
export function parseCommand(argv: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      tier: { type: "string", default: "0" },
      rows: { type: "string", default: "" },
      planted: { type: "boolean", default: false },
      results: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.tier !== "0" && values.tier !== "1") {
    throw new Error(`--tier is 0 or 1, not ${values.tier}`);
  }
  const rows = values.rows.split(",").map((name) => name.trim());
  return {
    tier: values.tier === "1" ? 1 : 0,
    rows: rows.filter((name) => name !== ""),
    isPlanted: values.planted,
    results: values.results,
    isJson: values.json,
    isHelp: values.help,
  };
}

/** The rows that were asked for. Throws for a name that begins none. */
export function chosenRows(rows: readonly Row[], names: readonly string[]): readonly Row[] {
  if (names.length === 0) return rows;
  for (const name of names) {
    if (!rows.some((row) => row.name.startsWith(name)))
      throw new Error(`no row begins with ${name}`);
  }
  return rows.filter((row) => names.some((name) => row.name.startsWith(name)));
}
