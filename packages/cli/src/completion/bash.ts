import type { CommandWords, ValueKind } from "./command-words.ts";

/** A completion script for bash 3.2 and newer. */
export function bashScript(name: string, commands: readonly CommandWords[]): string {
  const paths = commands.filter(({ path }) => path !== "").map(({ path }) => `'${path}'`);
  return `# Completion of ${name} for bash: source <(${name} completion bash)
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${paths.join("|")}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$path:$previous" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${commands.map(wordCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _${name} ${name}
`;
}

function valueCases({ path, options }: CommandWords): string[] {
  return options
    .filter(({ value }) => value.kind !== "none")
    .map(({ names, value }) => {
      const patterns = names.map((option) => `'${path}:${option}'`).join("|");
      return `    ${patterns}) ${valueReply(value)}return ;;`;
    });
}

function valueReply(value: ValueKind): string {
  switch (value.kind) {
    case "file":
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); ';
    case "folder":
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")); ';
    case "choice":
      return `COMPREPLY=($(compgen -W '${value.choices.join(" ")}' -- "$current")); `;
    case "any":
    case "none":
      return "";
  }
}

function wordCase({ path, subcommands, options, argument }: CommandWords): string {
  const words = [
    ...subcommands.map((child) => child.name),
    ...(argument.kind === "choice" ? argument.choices : []),
    ...options.flatMap(({ names }) => names),
  ];
  return `    '${path}') words='${words.join(" ")}' ;;`;
}
