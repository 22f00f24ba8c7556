import { readFileSync } from "node:fs";

/** Clock ticks per second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const UTIME_FIELD = 11;
const STIME_FIELD = 12;

/** CPU seconds (user and system, all threads) that a process has used; undefined without /proc. */
export function cpuSecondsOf(pid: number): number | undefined {
  const text = readProc(pid, "stat");
  if (text === undefined) return undefined;
  // The command's name stands in parentheses and may itself hold blanks.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD]);
  return ticks / TICKS_PER_SECOND;
}

/** Bytes of a process's resident memory; undefined without /proc. */
export function residentBytesOf(pid: number): number | undefined {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, "status") ?? "");
  return line?.[1] === undefined ? undefined : Number(line[1]) * 1024;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
