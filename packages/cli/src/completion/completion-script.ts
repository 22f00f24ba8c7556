import type { Command } from "commander";
import { bashScript } from "./bash.ts";
import { commandWords } from "./command-words.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** A shell that a script can be made for. */
export type Shell = "bash" | "zsh" | "fish";

/** The script that makes `shell` complete the commands below `root`. */
export function completionScript(shell: Shell, root: Command): string {
  return scripts[shell](root.name(), commandWords(root));
}
