/**
 * One installation at a time: a lock folder that names its holder. A holder that died is told by
 * its process id and start time, on another machine by a lock that is no longer touched.
 */
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf } from "./launch-error.mjs";

// Outside node_modules, which `npm ci` empties.
const FOLDER = ".launch";
const TOUCH_MS = 2000;
const UNTOUCHED_MS = 30_000;
const UNSIGNED_MS = 5000;
const POLL_MS = 100;

/**
 * Waits for the lock.
 *
 * @param {string} root
 * @param {() => void} onWait called once when somebody else holds it
 * @returns {Promise<{ addProcess(pid: number): void, release(): void }>} `addProcess` names a child
 *   whose life keeps the lock too
 */
export async function acquireLock(root, onWait) {
  const folder = join(root, FOLDER);
  const lock = join(folder, "lock");
  mkdirSync(folder, { recursive: true });
  for (let waits = 0; !tryLock(lock); waits++) {
    if (isAbandoned(lock)) takeOver(folder, lock);
    else {
      if (waits === 0) onWait();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  const holders = [describeProcess(process.pid)];
  writeHolders(lock, holders);
  const timer = setInterval(() => touch(lock), TOUCH_MS);
  return {
    addProcess: (pid) => {
      holders.push(describeProcess(pid));
      writeHolders(lock, holders);
    },
    release: () => {
      clearInterval(timer);
      rmSync(lock, { recursive: true, force: true });
    },
  };
}

/** @param {string} lock */
function tryLock(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

// Only who holds `takeover` may remove a lock that it did not take itself; it looks again first, so
// of many that see a dead holder one removes the lock, and nobody removes a living one's.
/** @param {string} folder @param {string} lock */
function takeOver(folder, lock) {
  const guard = join(folder, "takeover");
  if (!tryLock(guard)) {
    if (ageMs(guard) > UNTOUCHED_MS) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

/** @param {string} lock */
function isAbandoned(lock) {
  let record;
  try {
    record = JSON.parse(readFileSync(join(lock, "holders.json"), "utf8"));
  } catch {
    // Just made and not yet signed, or its maker died between the two.
    return ageMs(lock) > UNSIGNED_MS;
  }
  if (record.host !== hostname()) return ageMs(lock) > UNTOUCHED_MS;
  return record.holders.every((/** @type {Holder} */ holder) => !isAlive(holder));
}

/** @typedef {{ pid: number, started: string }} Holder */

/** @param {Holder} holder */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return startOf(pid) === started;
}

/** @param {number} pid @returns {Holder} */
function describeProcess(pid) {
  return { pid, started: startOf(pid) };
}

// Tells a process from a later one with the same id; where there is no /proc, the id must do.
/** @param {number} pid */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "ended" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

/** @param {string} lock @param {readonly Holder[]} holders */
function writeHolders(lock, holders) {
  const path = join(lock, "holders.json");
  writeFileSync(`${path}.new`, JSON.stringify({ host: hostname(), holders }));
  renameSync(`${path}.new`, path);
}

/** @param {string} lock */
function touch(lock) {
  try {
    const now = new Date();
    utimesSync(lock, now, now);
  } catch {
    // Removed by hand: the installation goes on, and its stamp tells the others.
  }
}

/** @param {string} path */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0; // gone: try again
  }
}
