import type { Clock, OmnibusError } from "../base/index.ts";
import type { AddressBook } from "../routing/index.ts";
import type {
  Hello,
  InterestStatement,
  Outbox,
  QueueLimits,
  Refusal,
  SessionCredentials,
} from "../session/index.ts";
import type { Address, AddressList, RunHeader } from "../wire/index.ts";
import type { Principal } from "./bus-view.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NeighbourLimits } from "./neighbour-limits.ts";
import type { Caller } from "./plugs.ts";
import type { ReachTable } from "./reach.ts";

/** What neighbours need of the bus. */
export interface NeighbourHost {
  readonly clock: Clock;
  readonly book: AddressBook;
  readonly outbox: Outbox;
  /** Where messages of an address go. */
  readonly reach: ReachTable;
  /** Whether there is no server to send to, although there should be. */
  readonly isCutOff: boolean;
  readonly hello: Hello;
  readonly limits: QueueLimits;
  readonly neighbourLimits: NeighbourLimits;
  /** Decides who an accepted neighbour is. */
  authenticate(credentials: SessionCredentials, from: Caller): Promise<Principal>;
  mayPublish(principal: Principal, topic: string): boolean;
  maySubscribe(principal: Principal, pattern: string): boolean;
  /** Grows when verdicts may have changed. */
  readonly authorityVersion: number;
  opened(neighbour: Neighbour): void;
  closed(neighbour: Neighbour, error: OmnibusError | undefined): void;
  /** A run came in for subscribers of this process. */
  arrived(neighbour: Neighbour, address: Address, header: RunHeader): void;
  /** The same for a run whose records go to several addresses. */
  arrivedForSeveral(neighbour: Neighbour, list: AddressList, header: RunHeader): void;
  /** Messages came over a link that is wider than their realm, or had gone on too often: dropped. */
  strayed(messages: number): void;
  /** A run could not be read. */
  malformed(error: OmnibusError): void;
  /** A neighbour wants what the history holds. Returns what that cost, in messages looked at. */
  replay(neighbour: Neighbour, statement: InterestStatement): number;
  /** A neighbour published what it may not. */
  denied(neighbour: Neighbour, topic: string, messages: number): void;
  dropped(address: Address, messages: number): void;
  /** Nothing of that size can be sent to whom we dialled. */
  oversized(remote: string, topic: string, maxBytes: number): void;
  /** Messages for us were dropped by a neighbour. */
  missed(from: Neighbour, address: Address, count: number): void;
  refused(neighbour: Neighbour, refusal: Refusal): void;
  /** Publishers of this process may go on. */
  relieved(): void;
}
