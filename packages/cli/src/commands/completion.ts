import { Argument, Command } from "commander";
import { examples } from "../examples.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** `omnibus completion`; `root` gives the whole tree when it stands. */
export function completionCommand(root: () => Command): Command {
  return new Command("completion")
    .summary("print a completion script for a shell")
    .description("Print a script that makes the shell complete commands and options of omnibus.")
    .addArgument(new Argument("<shell>", "which one").choices(shells))
    .addHelpText(
      "after",
      examples([
        ["source <(omnibus completion bash)", "in ~/.bashrc"],
        ["source <(omnibus completion zsh)", "in ~/.zshrc, after compinit"],
        ["omnibus completion fish | source", "in config.fish"],
      ]),
    )
    .action(async (shell: (typeof shells)[number]) => {
      const { completionScript } = await import("../completion/completion-script.ts");
      process.stdout.write(completionScript(shell, root()));
    });
}
