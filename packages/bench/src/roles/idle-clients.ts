/** Opens connections that subscribe and then say nothing. */
import { RawSocket } from "../harness/raw-socket.ts";
import type { RawReceiver, RawShape } from "../systems/raw-protocol.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Address } from "../systems/system.ts";

/** How many connections, to what. */
export interface IdleInput {
  readonly system: SystemName;
  readonly address: Address;
  readonly connections: number;
}

const AT_ONCE = 50;
const SHAPE: RawShape = { size: 16, topics: ["b/0000"], sliceBytes: 1 };

const held: { socket: RawSocket; receiver: RawReceiver }[] = [];

/** The methods of this process. */
export type IdleMethods = typeof methods;

export const methods = {
  async open({ system, address, connections }: IdleInput): Promise<void> {
    const { raw } = await loadSystem(system);
    if (raw === undefined) throw new Error(`${system} has no raw protocol`);
    const openOne = async (): Promise<void> => {
      const socket = await RawSocket.connect(address.port);
      const receiver = await raw.openSubscriber(socket, SHAPE);
      socket.onBytes((chunk) => receiver.push(chunk));
      held.push({ socket, receiver });
    };
    for (let left = connections; left > 0; left -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, openOne));
    }
  },
  /** How many are still open. */
  async countOpen(_input: undefined): Promise<number> {
    return held.filter(({ socket }) => socket.failure === undefined).length;
  },
} as const;
