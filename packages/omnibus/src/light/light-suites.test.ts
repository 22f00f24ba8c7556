/** The suites of the full bus, with every program that dials a light one. */
import type { Bus } from "../bus/index.ts";
import { useClients } from "../testing/index.ts";
import { type LightBusOptions, openBus } from "./index.ts";

useClients(async (options) => (await openBus(options as LightBusOptions)) as Bus);

await import("../bus/values.test.ts");
await import("../bus/through-server.test.ts");
await import("../bus/several-topics.test.ts");
await import("../bus/permissions.test.ts");
await import("../bus/reconnect.test.ts");
await import("../bus/overflow.test.ts");
await import("../bus/history.test.ts");
await import("../bus/typed-topics.test.ts");
await import("../bus/neighbour-limits.test.ts");
await import("../bus/topic-pace.test.ts");
await import("../bus/unheard-errors.test.ts");
