import type { Dialer, Link, LinkReceiver } from "omnibus/link";
import type { RawSocket } from "../harness/raw-socket.ts";

type Slab = Parameters<LinkReceiver["received"]>[0];

/**
 * A link over a raw connection that can be listened to: what our library writes can be recorded
 * instead of sent, and what comes in can go to the benchmark instead of the library.
 */
export class TappedLink implements Link {
  readonly kind = "tcp";
  readonly realm = "global";
  readonly remote = "the middle";
  readonly isIntegrityProtected = false;
  readonly isMessageBased = false;
  readonly #socket: RawSocket;
  #receiver: LinkReceiver | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #recorded: Buffer[] | undefined;
  #isTapped = false;

  constructor(socket: RawSocket) {
    this.#socket = socket;
  }

  open(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.#socket.onBytes((chunk) => this.#feed(chunk));
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const bytes = Buffer.concat(chunks);
    if (this.#recorded !== undefined) this.#recorded.push(bytes);
    else void this.#socket.write(bytes).catch(() => {});
    return true;
  }

  /** From now on, what the library writes is kept and not sent. */
  startRecording(): void {
    this.#recorded = [];
  }

  /** How many bytes are recorded. */
  get recordedBytes(): number {
    return (this.#recorded ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  /** What was recorded; later writes are sent again. */
  stopRecording(): Buffer {
    const bytes = Buffer.concat(this.#recorded ?? []);
    this.#recorded = undefined;
    return bytes;
  }

  /** From now on the library hears nothing more, and cannot close the connection. */
  tap(): void {
    this.#isTapped = true;
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#isTapped) return;
    this.#socket[Symbol.dispose]();
    this.#receiver?.closed();
  }

  #feed(chunk: Uint8Array): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    const bytes = Buffer.concat([this.#rest, chunk]);
    const used = receiver.received(lentSlab(bytes), 0, bytes.length);
    this.#rest = bytes.subarray(used);
  }
}

/** A dialer that knows one link. */
export function dialerOf(link: Link): Dialer {
  return { schemes: ["bench:"], dial: () => Promise.resolve(link) };
}

/** The library's slab, of which no pool knows. */
function lentSlab(bytes: Uint8Array): Slab {
  const slab = { bytes, mustCopy: true, isHeldOnce: true, hold: () => {}, release: () => {} };
  return slab as unknown as Slab;
}
