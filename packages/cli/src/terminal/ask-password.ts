import { openSync } from "node:fs";
import { createInterface } from "node:readline";
import { ReadStream, WriteStream } from "node:tty";
import { CommandError } from "../failure.ts";

/** A terminal that a question can be asked at. */
interface Terminal {
  readonly input: ReadStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks questions at the terminal, one after the other, without showing what is typed; also when
 * standard input is a pipe. Rejects if there is no terminal (`instead` says what else to do), with exit
 * code 130 after Ctrl-C.
 */
export async function askPasswords(
  questions: readonly string[],
  instead: string,
): Promise<readonly string[]> {
  const { input, output } = openTerminal(instead);
  // Before the first question is seen, so that no answer is: an interface without an output does not
  // echo.
  const asking = createInterface({ input, terminal: true, historySize: 0 });
  const answers: string[] = [];
  const ask = (): void => void output.write(questions[answers.length] ?? "");
  try {
    await new Promise<void>((resolve, reject) => {
      asking.on("line", (answer) => {
        answers.push(answer);
        output.write("\n");
        if (answers.length === questions.length) resolve();
        else ask();
      });
      asking.once("SIGINT", () => reject(new CommandError("", { exitCode: 130 })));
      asking.once("close", () => reject(new CommandError("no password was given")));
      ask();
    });
    return answers.slice(0, questions.length);
  } finally {
    if (answers.length < questions.length) output.write("\n");
    asking.close();
    if (input !== process.stdin) input.destroy();
  }
}

function openTerminal(instead: string): Terminal {
  const { stdin, stderr } = process;
  if (stdin.isTTY) return { input: stdin, output: stderr };
  try {
    return {
      input: new ReadStream(openSync("/dev/tty", "r")),
      output: stderr.isTTY ? stderr : new WriteStream(openSync("/dev/tty", "w")),
    };
  } catch (cause) {
    throw new CommandError(`there is no terminal to ask for the password; ${instead}`, { cause });
  }
}
