/** Reads what npm says while it installs, and shows one line of it. */

const SHOW_MS = 200;

/**
 * @typedef {object} InstallLog
 * @property {(doing: string) => void} show says what is being done
 * @property {(chunk: string) => void} read takes what npm wrote to its standard error
 * @property {() => number} lines how many lines npm has written
 * @property {() => boolean} hasAnswer whether a registry has answered
 * @property {() => string} errorCode npm's code for what went wrong, or "unknown"
 * @property {() => string} errorText npm's first words about it, or ""
 * @property {() => void} end removes the line
 */

/**
 * On a terminal the line is written over as packages arrive; elsewhere it is written once.
 *
 * @param {NodeJS.WriteStream} out
 * @returns {InstallLog}
 */
export function createInstallLog(out) {
  const started = Date.now();
  let doing = "";
  let rest = "";
  let lines = 0;
  let packages = 0;
  let hasAnswer = false;
  /** @type {string[]} */
  const errors = [];
  const draw = () => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const count = packages > 0 ? `, ${packages} fetched` : "";
    out.write(`\r\x1b[Komnibus: ${doing}${count}, ${seconds} s`);
  };
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  return {
    show: (text) => {
      if (text === doing) return;
      doing = text;
      if (!out.isTTY) out.write(`omnibus: ${text} ...\n`);
      else {
        draw();
        timer ??= setInterval(draw, SHOW_MS).unref();
      }
    },
    read: (chunk) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        lines++;
        if (/^npm http (?:fetch|cache) /.test(line)) packages++;
        if (/^npm http fetch \w+ [1-4]\d\d /.test(line)) hasAnswer = true;
        const error = /^npm (?:error|ERR!) ?(.*)/.exec(line)?.[1];
        if (error !== undefined) errors.push(error);
      }
    },
    lines: () => lines,
    hasAnswer: () => hasAnswer,
    errorCode: () => find(errors, /^code (\S+)/) ?? "unknown",
    errorText: () => errors.find((line) => !/^(?:code|syscall|errno|path) /.test(line)) ?? "",
    end: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      out.write("\r\x1b[K");
    },
  };
}

/** @param {readonly string[]} lines @param {RegExp} pattern */
function find(lines, pattern) {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
