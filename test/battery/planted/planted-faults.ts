/** Servers with a fault, and the row that must find it. */
import type { Row } from "../row.ts";
import { authenticationMatrixRow } from "../rows/authentication-matrix.ts";
import { jsonCrowdRow } from "../rows/json-crowd.ts";
import { jwtRow } from "../rows/jwt.ts";
import { leafRow } from "../rows/leaf.ts";
import { liveSplitsRow } from "../rows/live-splits.ts";
import { malformedRow } from "../rows/malformed.ts";
import { slowClientsRow } from "../rows/slow-clients.ts";
import { stuckRareRow } from "../rows/stuck-crowds.ts";
import { stuckSubscriberRow } from "../rows/stuck-subscriber.ts";

/** A change to the server's own code, made from outside before it starts. */
export interface PlantedFault {
  /** A file of `faults`, without its ending. */
  readonly name: string;
  readonly row: Row;
  /** Part of a fault that the row must tell. */
  readonly found: RegExp;
  /** Whether it is found within seconds: then it is a test of `npm test`, too. */
  readonly isQuick: boolean;
}

export const plantedFaults: readonly PlantedFault[] = [
  { name: "trust-unsigned-tokens", row: jwtRow, found: /takes no signature/, isQuick: true },
  { name: "allow-everything", row: leafRow, found: /got it 1 times, not 0/, isQuick: true },
  { name: "end-at-bad-frame", row: malformedRow, found: /no ready|healthz/, isQuick: true },
  { name: "allow-everything", row: authenticationMatrixRow, found: /wrongly yes/, isQuick: false },
  { name: "forget-split-frames", row: liveSplitsRow, found: /not understood/, isQuick: false },
  { name: "lose-one-in-many", row: jsonCrowdRow, found: /lost|of 5000 came/, isQuick: true },
  { name: "change-a-character", row: jsonCrowdRow, found: /not as it was sent/, isQuick: true },
  { name: "wait-for-ever", row: slowClientsRow, found: /native.* is not cut/, isQuick: false },
  {
    name: "queue-without-bound",
    row: stuckSubscriberRow,
    found: /dropped_total is still 0/,
    isQuick: false,
  },
  { name: "pin-what-it-came-in", row: stuckRareRow, found: /memory grew/, isQuick: false },
];

/** What a server's process is started with so that it has the fault. */
export function environmentOf(fault: string): Record<string, string> {
  const file = new URL(`./faults/${fault}.ts`, import.meta.url);
  return { NODE_OPTIONS: `--conditions=omnibus-source --import ${file.href}` };
}
