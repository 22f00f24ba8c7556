import type { Form } from "../report/report.ts";
import type { Row, Timing } from "./row.ts";

const TIMINGS: Readonly<Record<Form, Timing>> = {
  short: { warmupMs: 500, windowMs: 2000, rounds: 2, settleMs: 1000, shrink: 1 },
  full: { warmupMs: 350, windowMs: 750, rounds: 5, settleMs: 1000, shrink: 1 },
  check: { warmupMs: 30, windowMs: 80, rounds: 1, settleMs: 50, shrink: 5 },
};

/** The rows of a form, what it leaves out, and how long it measures. */
export interface FormRows {
  readonly rows: readonly Row[];
  readonly leftOut: readonly string[];
  readonly timing: Timing;
}

/**
 * Picks the rows of a form whose titles begin with one of `prefixes` (all when there is none). The
 * short form keeps one peer per row, the check others than ours once per kind of row.
 */
export function formOf(form: Form, prefixes: readonly string[], all: readonly Row[]): FormRows {
  const asked = all.filter(({ title }) => {
    return prefixes.length === 0 || prefixes.some((prefix) => title.startsWith(prefix));
  });
  const isKept = (row: Row): boolean => {
    if (form === "full") return true;
    return form === "check" ? row.isChecked === true : row.shortPeer !== undefined;
  };
  const kept = asked.filter(isKept);
  const rows = form === "full" ? kept : form === "short" ? kept.map(withBestPeer) : onceEach(kept);
  const leftOut = asked.filter((row) => !isKept(row)).map(({ title }) => title);
  return { rows, leftOut, timing: TIMINGS[form] };
}

function withBestPeer(row: Row): Row {
  return { ...row, peers: row.peers.filter((name) => name === row.shortPeer) };
}

/** Correctness of a peer needs no second look at another size or number. */
function onceEach(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    const [kind] = row.title.split(",");
    const isNew = (name: string): boolean => !seen.has(`${kind} ${name}`);
    const kept = { ...row, peers: row.peers.filter(isNew), ceilings: row.ceilings.filter(isNew) };
    for (const name of [...kept.peers, ...kept.ceilings]) seen.add(`${kind} ${name}`);
    return kept;
  });
}
