/** The suites of the full bus, with every program that dials a light one. */
import type { Bus } from "../bus/index.ts";
import { useClients } from "../testing/index.ts";
import { openBus } from "./open-light-bus.ts";

const suites = [
  "values",
  "through-server",
  "several-topics",
  "permissions",
  "reconnect",
  "overflow",
  "history",
  "typed-topics",
  "neighbour-limits",
  "topic-pace",
  "drained",
  "unheard-errors",
];

useClients(async (options) => (await openBus(options)) as Bus);

for (const suite of suites) await import(`../bus/${suite}.test.ts`);
