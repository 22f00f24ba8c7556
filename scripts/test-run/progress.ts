/** Tells a person, or a log, how far a test run is. */
import { relative } from "node:path";

/** One failed test. */
export interface TestFailure {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/** Hears what happens during a run. */
export interface Progress {
  testPassed(): void;
  testFailed(failure: TestFailure): void;
  fileDone(file: string, durationMs: number): void;
  output(text: string): void;
  end(): void;
}

/** Options of {@link createProgress}. */
export interface ProgressOptions {
  readonly root: string;
  readonly files: number;
  readonly out: NodeJS.WriteStream;
  /** Tell only failures. Default false. */
  readonly isQuiet?: boolean;
}

/** One line that is written over on a terminal; one line per file anywhere else. */
export function createProgress(options: ProgressOptions): Progress {
  const { out, root, files } = options;
  const isLive = out.isTTY && options.isQuiet !== true;
  let passed = 0;
  let failed = 0;
  let done = 0;
  const show = (file = ""): void => {
    if (!isLive) return;
    const failures = failed > 0 ? `, ${failed} failed` : "";
    out.write(
      `\r\x1b[K${done}/${files} files, ${passed} passed${failures} ${file}`.slice(
        0,
        (out.columns ?? 80) + 3,
      ),
    );
  };
  const clear = (): void => {
    if (isLive) out.write("\r\x1b[K");
  };
  return {
    testPassed: () => {
      passed++;
      show();
    },
    testFailed: ({ name, file, text }) => {
      failed++;
      clear();
      out.write(`\nFAILED ${relative(root, file)}: ${name}\n${indent(text)}\n\n`);
      show();
    },
    fileDone: (file, durationMs) => {
      done++;
      const name = relative(root, file);
      if (!isLive && options.isQuiet !== true) {
        out.write(`${done}/${files} ${name} ${(durationMs / 1000).toFixed(1)} s\n`);
      }
      show(name);
    },
    output: (text) => {
      clear();
      out.write(text);
    },
    end: clear,
  };
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
