import { CommanderError } from "commander";
import { failureOf } from "./failure.ts";
import { createProgram } from "./program.ts";
import { endQuietlyOnBrokenPipe } from "./terminal/broken-pipe.ts";

/** Runs the command that `args` name, and sets the exit code: 0 done, 1 error, 2 wrong usage. */
export async function runProgram(args: readonly string[]): Promise<void> {
  endQuietlyOnBrokenPipe();
  try {
    await createProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said all there is to say; help and version are no errors.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { sentence, exitCode } = failureOf(error);
    if (sentence !== "") process.stderr.write(`omnibus: ${sentence}\n`);
    process.exitCode = exitCode;
  }
}
