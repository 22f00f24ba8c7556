import { parseArgs } from "node:util";
import type { Form } from "./report/report.ts";

/** What the user asked for. */
export interface Command {
  readonly form: Form;
  /** Only rows whose title begins with one of these, or all. */
  readonly rows: readonly string[];
  readonly isJson: boolean;
  readonly isHelp: boolean;
  /** Measure nothing: fill the documents from the committed result. */
  readonly isPublish: boolean;
}

/** The text of `--help`. */
export const HELP = `npm run bench -- [options]

Runs Omnibus, its peers and the physical ceiling side by side and compares them.

  (nothing)      the short form: one size each, best peer only, 2 pairs of 2 s, under 5 minutes
  --full         every row, 5 pairs, under 40 minutes
  --check        correctness of every kind of row, no ratios, under a minute; for continuous integration
  --rows LIST    only these scenarios or rows, e.g. --rows B1,B3 or --rows "B3 programs, 16 B"
  --json         the report as JSON on standard output instead of the table
  --publish      measure nothing: fill README and guide from packages/bench/results/full.json and
                 the reasons for what is missed from packages/bench/reasons.json
  --help         this text

JSON, a table and an SVG chart are written to packages/bench/results (not by --check).
Peers that are not installed are named with the command that installs them.
Exit code: 0 done, 1 something was lost, duplicated, reordered or corrupted, 2 wrong usage.
`;

/** Reads the arguments. Throws an Error whose message tells the user what is wrong. */
export function parseCommand(argv: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      full: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      publish: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      rows: { type: "string" },
    },
  });
  if (values.full && values.check) throw new Error("--full and --check exclude each other");
  const rows = (values.rows ?? "").split(/,(?=\s*B\d)/).map((row) => row.trim());
  return {
    form: values.full ? "full" : values.check ? "check" : "short",
    rows: rows.filter((row) => row !== ""),
    isJson: values.json,
    isHelp: values.help,
    isPublish: values.publish,
  };
}
