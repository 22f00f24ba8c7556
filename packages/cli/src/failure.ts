/** An error of the command line itself, told as one sentence. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly exitCode: number;

  /** `exitCode`: 1 for an error (the default), 2 for wrong usage, 130 for an interrupt. An empty sentence is not shown. */
  constructor(sentence: string, options: { exitCode?: 1 | 2 | 130; cause?: unknown } = {}) {
    super(sentence, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What a user is told of an error, and the exit code. */
export interface Failure {
  readonly sentence: string;
  readonly exitCode: number;
}

/** Codes that say that the arguments were wrong. */
const usageCodes: readonly string[] = ["bad-topic"];

/**
 * The one sentence for an error. The library's errors lose their code, which is for programs; a fault
 * of ours keeps its stack, because somebody will report it.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandError) {
    return { sentence: oneLine(error.message), exitCode: error.exitCode };
  }
  if (error instanceof Error) {
    const code = "code" in error ? String(error.code) : "";
    // Not by its class: the library may have been loaded twice.
    if (error.name === "OmnibusError" && code !== "internal") {
      const sentence = oneLine(error.message.replace(`[${code}] `, ""));
      return { sentence, exitCode: usageCodes.includes(code) ? 2 : 1 };
    }
    if ("syscall" in error) return { sentence: systemSentence(error, code), exitCode: 1 };
    return {
      sentence: `internal fault, please report it: ${error.stack ?? error.message}`,
      exitCode: 1,
    };
  }
  return { sentence: `internal fault, please report it: ${String(error)}`, exitCode: 1 };
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "it is on a read-only file system",
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EEXIST: "it exists already",
  ENOSPC: "the disk is full",
};

function systemSentence(error: Error, code: string): string {
  const path = "path" in error && typeof error.path === "string" ? error.path : undefined;
  const reason = reasons[code];
  return path === undefined || reason === undefined ? oneLine(error.message) : `${path}: ${reason}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
