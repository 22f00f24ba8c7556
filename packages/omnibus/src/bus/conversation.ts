import type { CloseReason } from "../link/index.ts";

/** Text or bytes that are ready to be sent to any number of conversations; encoded for each transport once. */
export interface Prepared {
  /** Bytes of payload, without framing. */
  readonly byteLength: number;
}

/** One connection of a foreign protocol, whatever carries it. Servers make them; adapters use them. */
export interface Conversation {
  /** The other side's address, such as `127.0.0.1`. */
  readonly remote: string;
  readonly isLoopback: boolean;
  /** Whether it comes from a page in a browser of another origin than ours (its `Origin` header). */
  readonly origin: string | undefined;
  /** The path that was asked for, such as `/`; empty where the transport has none. */
  readonly path: string;
  /**
   * When its connection was accepted, by the clock of the server that made it: the time that the other side
   * has to say who it is begins there. Absent: when the adapter is given it.
   */
  readonly acceptedMs?: number | undefined;
  /** Bytes that were sent here and wait in this process. */
  readonly bufferedBytes: number;
  /** Makes something that many conversations can be sent without encoding it again. */
  prepare(payload: string | Uint8Array): Prepared;
  /** Sends; returns false when more than 64 KiB wait, and `drained` follows. */
  send(payload: string | Uint8Array | Prepared): boolean;
  /** Stops reading from the other side, until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what is buffered, then closes. `closed` follows. */
  close(reason: CloseReason, text?: string): void;
}

/** What an adapter does with a conversation. */
export interface ConversationHandler {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  /** Less than 16 KiB wait after `send` had returned false. */
  drained(): void;
  /** It is over, whoever ended it. Called once. */
  closed(): void;
}

/** A foreign protocol: begins to serve one conversation. */
export type Adapter = (conversation: Conversation) => ConversationHandler;
