import type { OmnibusError } from "../base/index.ts";
import type { Realm, Slab } from "../base/index.ts";

/** What a link runs over. */
export type LinkKind = "memory" | "ipc" | "tcp" | "ws";

/**
 * One connection to a neighbour over one transport. A link knows bytes only: frames, sessions and
 * addresses are other rooms' business.
 */
export interface Link {
  readonly kind: LinkKind;
  /** The widest realm that may be reached over this link. */
  readonly realm: Realm;
  /** The other side, for people: `127.0.0.1:51234`. */
  readonly remote: string;
  /** The origin of the page in a browser that dialled, if that is not the server's own. */
  readonly origin?: string | undefined;
  /** When it was accepted, on its node's clock, if that was before it was made; deadlines begin there. */
  readonly acceptedMs?: number | undefined;
  /** Whether the transport itself detects every changed byte (TLS, memory). */
  readonly isIntegrityProtected: boolean;
  /**
   * Whether each `write` arrives as one message. If not, bytes arrive as a stream in pieces of any size.
   */
  readonly isMessageBased: boolean;

  /** Begins reading. Called exactly once, before the first `write`. */
  open(receiver: LinkReceiver): void;

  /**
   * Hands `chunks` to the transport, in order, as one message where the transport has messages.
   * The bytes are only lent. Returns true if they are no longer needed when the call returns;
   * otherwise they must stay as they are until `receiver.written()`, and no other write may be made
   * before that.
   */
  write(chunks: readonly Uint8Array[]): boolean;

  /** Stops reading (the transport then slows the other side down), until `resume`. */
  pause(): void;
  resume(): void;

  /** Sends what was written, then closes. `receiver.closed` follows once. */
  close(): void;
  /** Closes at once and forgets what was not sent. `receiver.closed` follows once. */
  destroy(): void;
}

/** What a link tells its owner. Calls never overlap. */
export interface LinkReceiver {
  /**
   * Bytes came: `slab.bytes[start, end)`. They stay as they are until the call returns, and longer
   * only if the receiver holds the slab (never if it says `mustCopy`). Returns the offset of the first
   * byte that was not used; a stream link shows the rest again, followed by more. On a message-based
   * link the whole message must be used.
   */
  received(slab: Slab, start: number, end: number): number;
  /** How many bytes from the first unused one on `received` waits for, 0 if it does not know. */
  readonly wantedBytes: number;
  /** The last write that returned false is done. */
  written(): void;
  /** The link is gone. Nothing follows. Without an error the other side, or we, closed it. */
  closed(error?: OmnibusError): void;
}

/** Accepts links. */
export interface Listener {
  /** Where it listens, in the form that a dialer of the same transport takes. */
  readonly url: string;
  close(): Promise<void>;
}

/** Makes links to addresses of the schemes that it knows. */
export interface Dialer {
  /** The schemes, such as `tcp:`. */
  readonly schemes: readonly string[];
  dial(url: URL, options: { signal?: AbortSignal; ca?: string | undefined }): Promise<Link>;
}
