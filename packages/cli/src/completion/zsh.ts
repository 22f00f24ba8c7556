import type { CommandWords, OptionWords, ValueKind } from "./command-words.ts";

/** A completion script for zsh. */
export function zshScript(name: string, commands: readonly CommandWords[]): string {
  const paths = commands.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `#compdef ${name}
# Completion of ${name} for zsh: source <(${name} completion zsh), after compinit
_${name}() {
  local path_='' word
  local -a commands_ options_
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path_:+$path_ }$word" in
      ${paths.join("|")}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  case "$path_:\${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$path_" in
${commands.map(wordCase).join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options_
  else
    _describe command commands_
  fi
}
compdef _${name} ${name}
`;
}

function valueCases({ path, options }: CommandWords): string[] {
  return options
    .filter(({ value }) => value.kind !== "none")
    .map(({ names, value }) => {
      const patterns = names.map((option) => quoted(`${path}:${option}`)).join("|");
      return `    ${patterns}) ${valueAction(value)}; return ;;`;
    });
}

function valueAction(value: ValueKind): string {
  switch (value.kind) {
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "choice":
      return `compadd -- ${value.choices.map(quoted).join(" ")}`;
    case "any":
    case "none":
      return "_message value";
  }
}

function wordCase({ path, subcommands, options, argument }: CommandWords): string {
  const commands = [
    ...subcommands.map((child) => described(child.name, child.description)),
    ...(argument.kind === "choice" ? argument.choices.map(quoted) : []),
  ];
  return `    ${quoted(path)})
      commands_=(${commands.join(" ")})
      options_=(${options.flatMap(describedOption).join(" ")}) ;;`;
}

function describedOption({ names, description }: OptionWords): string[] {
  return names.map((name) => described(name, description));
}

function described(name: string, description: string): string {
  return quoted(`${name.replaceAll(":", String.raw`\:`)}:${description.replaceAll("\n", " ")}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
