import { StringDecoder } from "node:string_decoder";
import { CommandError } from "../failure.ts";

/** Longest line that is gathered; a server takes less. */
const maxLineChars = 64 * 1_048_576;

/** The lines that one piece of the input completed. */
export interface LineBatch {
  readonly lines: readonly string[];
  /** How many bytes of the input have been read so far. */
  readonly bytes: number;
}

/**
 * Cuts text into lines, piece by piece: each piece of input gives the lines that it completes. A line
 * ends with LF or CR LF; the last one may lack it. Empty lines count.
 */
export async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<LineBatch> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let bytes = 0;
  let count = 0;
  for await (const chunk of input) {
    bytes += chunk.length;
    const lines = (
      rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    ).split("\n");
    rest = lines.pop() ?? "";
    count += lines.length;
    if (rest.length > maxLineChars)
      throw new CommandError(`line ${count + 1} is longer than 64 MiB`);
    yield { lines: lines.map(withoutReturn), bytes };
  }
  rest += decoder.end();
  if (rest !== "") yield { lines: [withoutReturn(rest)], bytes };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
