import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../base/index.ts";
import type { DataFolder } from "./data-folder.ts";

/** The file of the token of the server at a port. */
const fileOf = (port: number): string => `local-token-${port}`;

/**
 * Makes the token by which the command line of the same user gets into a loopback server (DESIGN
 * 13.12). It is new at each start and readable by its owner only.
 */
export function makeLocalToken(folder: DataFolder, port: number, random: Random): string {
  return folder.renewSecret(fileOf(port), random);
}

/** Forgets the token when the server ends. */
export function removeLocalToken(folder: DataFolder, port: number): void {
  folder.remove(fileOf(port));
}

/** The token of a running server of this user at a loopback port; undefined if there is none. */
export function readLocalToken(dataFolder: string, port: number): string | undefined {
  try {
    return readFileSync(join(dataFolder, fileOf(port)), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Ports of this user's loopback servers that run, or did not end in order; in ascending order. */
export function localServerPorts(dataFolder: string): number[] {
  try {
    const ports = readdirSync(dataFolder).map((name) => /^local-token-(\d+)$/.exec(name)?.[1]);
    return ports
      .flatMap((port) => (port === undefined ? [] : [Number(port)]))
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}
