import type { CommandWords, OptionWords, ValueKind } from "./command-words.ts";

/** A completion script for fish 3 and newer. */
export function fishScript(name: string, commands: readonly CommandWords[]): string {
  const paths = commands.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `# Completion of ${name} for fish: ${name} completion fish | source
function __${name}_at --argument-names wanted
  set --local path ''
  for word in (commandline -opc)[2..-1]
    set --local longer (string trim -- "$path $word")
    if contains -- "$longer" ${paths.join(" ")}
      set path "$longer"
    end
  end
  test "$path" = "$wanted"
end
complete --command ${name} --no-files
${commands.flatMap((words) => commandLines(name, words)).join("\n")}
`;
}

function commandLines(name: string, words: CommandWords): string[] {
  const { path, subcommands, options, argument } = words;
  const start = `complete --command ${name} --condition ${quoted(`__${name}_at '${path}'`)}`;
  return [
    ...subcommands.map(
      (child) =>
        `${start} --arguments ${quoted(child.name)} --description ${quoted(child.description)}`,
    ),
    ...(argument.kind === "choice"
      ? [`${start} --arguments ${quoted(argument.choices.join(" "))}`]
      : []),
    ...options.map((option) => `${start} ${optionFlags(option)}`),
  ];
}

function optionFlags({ names, description, value }: OptionWords): string {
  const flags = names.map((name) =>
    name.startsWith("--") ? `--long-option ${name.slice(2)}` : `--short-option ${name.slice(1)}`,
  );
  return [...flags, ...valueFlags(value), `--description ${quoted(description)}`].join(" ");
}

function valueFlags(value: ValueKind): string[] {
  switch (value.kind) {
    case "file":
      return ["--require-parameter", "--force-files"];
    case "folder":
      return ["--exclusive", "--arguments", quoted("(__fish_complete_directories)")];
    case "choice":
      return ["--exclusive", "--arguments", quoted(value.choices.join(" "))];
    case "any":
      return ["--exclusive"];
    case "none":
      return [];
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\n", " ").replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
