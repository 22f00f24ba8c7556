import type { Clock } from "../base/index.ts";
import type { AddressBook } from "../routing/index.ts";
import type { Outbox } from "../session/index.ts";
import type { Address } from "../wire/index.ts";
import type { BusStats } from "./bus-options.ts";
import type { Drain } from "./drain.ts";
import type { EventHub } from "./event-hub.ts";
import type { LocalSubscribers } from "./local-subscribers.ts";
import type { Neighbours } from "./neighbours.ts";
import type { LogProvider } from "./plugs.ts";
import type { ReachTable } from "./reach.ts";

/** What the ways in and out of a bus share. */
export interface BusContext {
  readonly clock: Clock;
  readonly book: AddressBook;
  readonly outbox: Outbox;
  readonly subscribers: LocalSubscribers;
  readonly neighbours: Neighbours;
  readonly log: LogProvider | undefined;
  readonly events: EventHub;
  readonly drain: Drain;
  readonly stats: BusStats;
  readonly isCutOff: boolean;
  /** Messages of an address were dropped. */
  dropped(address: Address, messages: number): void;
  /** Throws `closed` if the bus is. */
  checkOpen(): void;
  /** Where messages of an address go. */
  readonly reach: ReachTable;
  /** The wall clock, read at most once in a tick. */
  wallMs(): number;
}
