import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeHistory } from "./history.ts";
import { judgeHistories } from "./judge-histories.ts";
import { came, historyOf, sent, subscribed } from "./known-histories.ts";

test("the histories of several processes are merged by their times", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "omnibus-history-"));
  const write = (file: string, process: string, kept = (_at: number): boolean => true): void => {
    const events = historyOf([subscribed(), sent(0), came(0), sent(1), came(1)]);
    const own = events.filter((event) => event.process === process && kept(event.t));
    writeFileSync(join(folder.path, file), writeHistory(own));
  };
  assert.match(judgeHistories(folder.path, "exactly-once")[0] ?? "", /no history/);
  write("publisher.jsonl", "p");
  write("a-reader.jsonl", "s");
  assert.deepEqual(judgeHistories(folder.path, "exactly-once"), []);
  write("a-reader.jsonl", "s", (t) => t < 5);
  assert.match(
    judgeHistories(folder.path, "exactly-once")[0] ?? "",
    /^history: lost: s: 1 missing/,
  );
});
