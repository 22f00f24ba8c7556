/** Answers each request with its own payload. */
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Address } from "../systems/system.ts";

/** What a responder is opened with. */
export interface ResponderInput {
  readonly system: SystemName;
  readonly address: Address;
  readonly topic: string;
}

/** The methods of this process. */
export type ResponderMethods = typeof methods;

export const methods = {
  async open({ system, address, topic }: ResponderInput): Promise<void> {
    const { programs } = await loadSystem(system);
    const client = await programs?.connect(address, "receives");
    if (client?.serve === undefined) throw new Error(`${system} has no requests`);
    await client.serve(topic, (payload) => payload);
  },
} as const;
