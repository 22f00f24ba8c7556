import { forkWorker } from "../harness/fork-worker.ts";
import { within } from "../harness/monotonic.ts";
import type { RequesterMethods, RequestResult } from "../roles/requester.ts";
import type { ResponderMethods } from "../roles/responder.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";

/** A requester, a middle, a responder. */
export interface RequestsInput {
  readonly system: SystemName;
  readonly size: number;
  readonly inFlight: number;
  readonly warmupMs: number;
  readonly windowMs: number;
}

const REQUESTER = new URL("../roles/requester.ts", import.meta.url);
const RESPONDER = new URL("../roles/responder.ts", import.meta.url);
const PATIENCE_MS = 30_000;
const TOPIC = "b/request";

/** Requests that are answered in the process that sends them. */
export async function measureRequestsInProcess(input: RequestsInput): Promise<RequestResult> {
  await using requester = forkWorker<RequesterMethods>(REQUESTER);
  const measured = requester.call("measure", { ...input, topic: TOPIC });
  const limitMs = input.warmupMs + input.windowMs + PATIENCE_MS;
  return await within(measured, limitMs, `${input.system} stalled`);
}

/** Requests over one server, answered with their own payload. */
export async function measureRequests(input: RequestsInput): Promise<RequestResult> {
  const { system } = input;
  const loaded = await loadSystem(system);
  await using middle = await loaded.startMiddle();
  await using responder = forkWorker<ResponderMethods>(RESPONDER);
  await using requester = forkWorker<RequesterMethods>(REQUESTER);
  const common = { ...input, address: middle.address, topic: TOPIC };
  if (loaded.programs?.isServedByMiddle !== true) await responder.call("open", common);
  const measured = requester.call("measure", { ...common, middlePid: middle.pid });
  return await within(measured, input.warmupMs + input.windowMs + PATIENCE_MS, `${system} stalled`);
}
