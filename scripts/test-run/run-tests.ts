/** Runs test files, each in a process of its own, and tells what happens as it happens. */
import { run } from "node:test";
import type { Progress, TestFailure } from "./progress.ts";

/** What came of a run; skipped tests are neither passed nor failed. */
export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly TestFailure[];
  readonly skips: readonly SkippedTest[];
}

/** A test that did not run, and why. */
export interface SkippedTest {
  readonly name: string;
  readonly reason: string;
}

/** Options of {@link runTests}. */
export interface RunOptions {
  readonly files: readonly string[];
  /** Only tests whose name matches. Default all. */
  readonly name?: string;
  /** Files run at once. Default 1: timing tests of real processes want the machine for themselves. */
  readonly concurrency?: number;
  /** A file that takes longer has failed, and is killed. Default 5 minutes. */
  readonly fileTimeoutMs?: number;
  /** Skips whose reason starts with `needs ` fail: the machine was to have what they need. */
  readonly areNeedsMet?: boolean;
  readonly progress: Progress;
}

interface Tally {
  passed: number;
  readonly failures: TestFailure[];
  readonly skips: SkippedTest[];
}

/** Runs `options.files` and resolves when the last one has ended; never rejects for a failed test. */
export async function runTests(options: RunOptions): Promise<TestResult> {
  const tally: Tally = { passed: 0, failures: [], skips: [] };
  const waiting = options.files.values();
  const lanes = Array.from({ length: options.concurrency ?? 1 }, async () => {
    for (const file of waiting) await runFile(file, options, tally);
  });
  await Promise.all(lanes);
  options.progress.end();
  const { passed, failures, skips } = tally;
  return { passed, failed: failures.length, skipped: skips.length, failures, skips };
}

async function runFile(file: string, options: RunOptions, tally: Tally): Promise<void> {
  const { progress } = options;
  const fail = (name: string, text: string): void => {
    const failure = { name, file, text };
    tally.failures.push(failure);
    progress.testFailed(failure);
  };
  // `run` has a timeout for tests; a file whose process does not end would wait for ever.
  const timeoutMs = options.fileTimeoutMs ?? 300_000;
  const timeout = AbortSignal.timeout(timeoutMs);
  const stream = run({
    files: [file],
    concurrency: 1,
    signal: timeout,
    ...(options.name === undefined ? {} : { testNamePatterns: [options.name] }),
  });
  stream.on("test:pass", (data) => {
    if (data.details.type === "suite") return;
    const reason = data.skip ?? data.todo;
    // The wrapper of a file is told as a test only when the file held none.
    if (data.name === file) {
      if (options.name === undefined) fail("a test file holds a test", "no test in it");
    } else if (reason === undefined) {
      tally.passed++;
      progress.testPassed();
    } else if (options.areNeedsMet === true && String(reason).startsWith("needs ")) {
      fail(data.name, `skipped, but must run here: ${String(reason)}`);
    } else {
      tally.skips.push({ name: data.name, reason: String(reason) });
    }
  });
  stream.on("test:fail", (data) => {
    const error = data.details.error;
    // A suite fails with its tests, which are told themselves.
    if ((error as { failureType?: string }).failureType === "subtestsFailed") return;
    if (timeout.aborted) fail(data.name, `did not end within ${timeoutMs} ms`);
    else fail(data.name === file ? "the file as a whole" : data.name, describe(error));
  });
  stream.on("test:stdout", (data) => progress.output(data.message));
  stream.on("test:stderr", (data) => progress.output(data.message));
  const started = performance.now();
  for await (const _ of stream);
  progress.fileDone(file, performance.now() - started);
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}
