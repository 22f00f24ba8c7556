/** The examples below a command's help: command line and what it does. */
export function examples(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const shown = lines.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`);
  return `\nExamples:\n${shown.join("\n")}`;
}
