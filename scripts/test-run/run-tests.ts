/** Runs test files, each in a process of its own, and tells what happens as it happens. */
import { run } from "node:test";
import type { Progress, TestFailure } from "./progress.ts";

/** What came of a run; skipped tests are neither passed nor failed. */
export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly TestFailure[];
  readonly skips: readonly { readonly name: string; readonly reason: string }[];
}

/** Options of {@link runTests}. */
export interface RunOptions {
  readonly files: readonly string[];
  /** Only tests whose name matches. Default all. */
  readonly name?: string;
  /** Files run at once. Default 1: timing tests of real processes want the machine for themselves. */
  readonly concurrency?: number;
  /** A file that takes longer fails. Default 5 minutes. */
  readonly fileTimeoutMs?: number;
  /** Skips whose reason starts with `needs ` fail: the machine was to have what they need. */
  readonly areNeedsMet?: boolean;
  readonly progress: Progress;
}

/** Runs `options.files` and resolves when the last one has ended; never rejects for a failed test. */
export async function runTests(options: RunOptions): Promise<TestResult> {
  const failures: TestFailure[] = [];
  const skips: { name: string; reason: string }[] = [];
  let passed = 0;
  const { progress } = options;
  const stream = run({
    files: [...options.files],
    concurrency: options.concurrency ?? 1,
    timeout: options.fileTimeoutMs ?? 300_000,
    ...(options.name === undefined ? {} : { testNamePatterns: [options.name] }),
  });
  stream.on("test:pass", (data) => {
    if (isContainer(data)) return;
    if (data.name === data.file) {
      // The wrapper of a file is told as a test only when the file held none.
      failures.push({ name: "a test file holds a test", file: data.name, text: "no test in it" });
      progress.testFailed(failures.at(-1) as TestFailure);
      return;
    }
    if (data.skip === undefined && data.todo === undefined) {
      passed++;
      progress.testPassed();
      return;
    }
    const reason = String(data.skip ?? data.todo);
    skips.push({ name: data.name, reason });
    if (options.areNeedsMet !== true || !reason.startsWith("needs ")) return;
    const text = `skipped, but must run here: ${reason}`;
    failures.push({ name: data.name, file: data.file ?? "", text });
  });
  stream.on("test:fail", (data) => {
    // A suite fails with its tests, which are told themselves.
    const error = data.details.error;
    const isEcho = (error as { failureType?: string }).failureType === "subtestsFailed";
    if (isEcho) return;
    const failure = { name: data.name, file: data.file ?? data.name, text: describe(error) };
    failures.push(failure);
    progress.testFailed(failure);
  });
  stream.on("test:stdout", (data) => progress.output(data.message));
  stream.on("test:stderr", (data) => progress.output(data.message));
  stream.on("test:summary", (data) => {
    if (data.file !== undefined) progress.fileDone(data.file, data.duration_ms);
  });
  for await (const _ of stream);
  progress.end();
  const needed = options.areNeedsMet === true ? skips.filter(isNeed).length : 0;
  return { passed, failed: failures.length, skipped: skips.length - needed, failures, skips };
}

function isNeed({ reason }: { reason: string }): boolean {
  return reason.startsWith("needs ");
}

// Suites, and the wrapper that stands for a file, are not tests.
function isContainer(data: { details: { type?: string | undefined } }): boolean {
  return data.details.type === "suite" || data.details.type === "file";
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}
