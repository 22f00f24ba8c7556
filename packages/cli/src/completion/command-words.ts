import type { Argument, Command, Option } from "commander";

/** What can be completed after an option or as an argument. */
export type ValueKind =
  | { readonly kind: "none" }
  | { readonly kind: "any" }
  | { readonly kind: "file" }
  | { readonly kind: "folder" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

export interface OptionWords {
  /** `--port`, `-p`. */
  readonly names: readonly string[];
  readonly description: string;
  /** `none` for an option without a value. */
  readonly value: ValueKind;
}

export interface SubcommandWords {
  readonly name: string;
  readonly description: string;
}

/** What can follow a command. */
export interface CommandWords {
  /** `user hash`; empty for the program itself. */
  readonly path: string;
  readonly subcommands: readonly SubcommandWords[];
  readonly options: readonly OptionWords[];
  readonly argument: ValueKind;
}

/** Everything that can be completed, command by command, the program itself first. */
export function commandWords(command: Command, path = ""): CommandWords[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const own: CommandWords = {
    path,
    subcommands: children.map((child) => ({
      name: child.name(),
      description: child.summary() || child.description(),
    })),
    options: help.visibleOptions(command).map(optionWords),
    argument: argumentKind(command.registeredArguments),
  };
  const below = children.flatMap((child) =>
    commandWords(child, path === "" ? child.name() : `${path} ${child.name()}`),
  );
  return [own, ...below];
}

function optionWords(option: Option): OptionWords {
  const names = [option.long, option.short].filter((name) => typeof name === "string");
  return { names, description: option.description, value: optionValue(option) };
}

function optionValue({ flags, argChoices }: Option): ValueKind {
  const [, placeholder] = /<([^>]+)>/.exec(flags) ?? [];
  if (placeholder === undefined) return { kind: "none" };
  if (argChoices !== undefined) return { kind: "choice", choices: argChoices };
  if (placeholder === "file" || placeholder === "folder") return { kind: placeholder };
  return { kind: "any" };
}

function argumentKind(all: readonly Argument[]): ValueKind {
  const [first] = all;
  if (first === undefined) return { kind: "none" };
  return first.argChoices === undefined
    ? { kind: "any" }
    : { kind: "choice", choices: first.argChoices };
}
