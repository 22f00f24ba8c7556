import type { RawSocket } from "../harness/raw-socket.ts";

/** What is sent: messages of `size` bytes on these topics in turn. */
export interface RawShape {
  readonly size: number;
  readonly topics: readonly string[];
  /** Payload bytes that one write may carry; at least one message goes into it. */
  readonly sliceBytes: number;
}

/** One write: whole messages, already encoded. */
export interface RawSlice {
  readonly bytes: Uint8Array;
  readonly messages: number;
}

/** A publisher's connection after its handshake. */
export interface RawPublisher {
  /** The next write. The one before has left the process by then, so its bytes may be reused. */
  next(): RawSlice;
}

/**
 * A subscriber's connection after its handshake: counts messages by the bytes that arrive and checks
 * what it can without slowing the middle down.
 */
export interface RawReceiver {
  /** Takes the bytes of one read; they are overwritten afterwards. */
  push(chunk: Uint8Array): void;
  /** Whole messages that have arrived. */
  readonly received: number;
  /** What is wrong once `sent` messages are known to have been sent; empty when all is well. */
  faults(sent: number): string[];
}

/** How to speak with a middle in bytes, without a client library. */
export interface RawProtocol {
  /** Speaks the publisher's handshake on a fresh connection. */
  openPublisher(socket: RawSocket, shape: RawShape): Promise<RawPublisher>;
  /**
   * Speaks the subscriber's handshake; resolves when the middle knows the subscription. Called once
   * for each connection, with the same shape.
   */
  openSubscriber(socket: RawSocket, shape: RawShape): Promise<RawReceiver>;
}
