/** Writes pre-encoded messages to a middle: as fast as it takes them, or at a fixed rate. */
import { CreditGate } from "../harness/credit-channel.ts";
import { monotonicMs, nextTurn, sleepMs } from "../harness/monotonic.ts";
import { RawSocket } from "../harness/raw-socket.ts";
import { WINDOW_BYTES, windowMessages } from "../systems/pacing.ts";
import type { RawProtocol, RawPublisher, RawShape } from "../systems/raw-protocol.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Address } from "../systems/system.ts";
import type { OpenLoopInput } from "./program-publisher.ts";

/** What a raw publisher is opened with. */
export interface RawPublisherInput {
  readonly system: SystemName;
  readonly address: Address;
  readonly shape: RawShape;
  readonly creditPort: number;
  /** Payload bytes that may be on their way. Default: `WINDOW_BYTES`. */
  readonly windowBytes?: number;
}

interface Opened {
  readonly socket: RawSocket;
  readonly publisher: RawPublisher;
  readonly gate: CreditGate;
}

const TIMER_SLACK_MS = 2;

let current: Opened | undefined;
let isStopping = false;
let running: Promise<void> = Promise.resolve();
let sent = 0;

function opened(): Opened {
  if (current === undefined) throw new Error("open comes first");
  return current;
}

/** Writes as fast as goes, until told to stop or until `limit` messages are written in all. */
async function closedLoop({ socket, publisher, gate }: Opened, limit: number): Promise<void> {
  while (!isStopping && sent < limit) {
    if (sent >= gate.allowed) {
      await gate.more();
      continue;
    }
    const slice = publisher.next();
    sent += slice.messages;
    await socket.write(slice.bytes);
    await nextTurn();
  }
}

async function openLoop({ startMs, perSecond, messages }: OpenLoopInput): Promise<number> {
  const { socket, publisher } = opened();
  while (sent < messages) {
    const waitMs = startMs + (sent * 1000) / perSecond - monotonicMs();
    if (waitMs > TIMER_SLACK_MS + 1) await sleepMs(waitMs - TIMER_SLACK_MS);
    else if (waitMs > 0) await nextTurn();
    else {
      const slice = publisher.next();
      sent += slice.messages;
      await socket.write(slice.bytes);
    }
  }
  return sent;
}

/** The protocol of a system; throws for one that has none. */
async function protocolOf(system: SystemName): Promise<RawProtocol> {
  const { raw } = await loadSystem(system);
  if (raw === undefined) throw new Error(`${system} has no raw protocol`);
  return raw;
}

/** The methods of this process. */
export type RawPublisherMethods = typeof methods;

export const methods = {
  async open(input: RawPublisherInput): Promise<void> {
    const protocol = await protocolOf(input.system);
    const window = windowMessages(input.windowBytes ?? WINDOW_BYTES, input.shape.size);
    const gate = await CreditGate.connect(input.creditPort, window);
    const socket = await RawSocket.connect(input.address.port);
    current = { socket, gate, publisher: await protocol.openPublisher(socket, input.shape) };
  },
  async start(_input: undefined): Promise<void> {
    running = closedLoop(opened(), Number.POSITIVE_INFINITY);
  },
  /** Stops, and says how many messages were written. */
  async stop(_input: undefined): Promise<number> {
    isStopping = true;
    await running;
    return sent;
  },
  /** Writes so many messages (whole slices); gives how many were written in all. */
  async send(messages: number): Promise<number> {
    await closedLoop(opened(), sent + messages);
    return sent;
  },
  openLoop: (input: OpenLoopInput): Promise<number> => openLoop(input),
} as const;
