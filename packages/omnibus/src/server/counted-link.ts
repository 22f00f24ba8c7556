import type { Socket } from "node:net";
import type { OmnibusError, Slab } from "../base/index.ts";
import type { LinkReceiver } from "../link/index.ts";
import { SocketLink, type SocketLinkOptions } from "../node/index.ts";

/** A receiver that passes all on and also tells somebody else of the end. */
class EndWatch implements LinkReceiver {
  readonly #receiver: LinkReceiver;
  readonly #onClosed: () => void;

  constructor(receiver: LinkReceiver, onClosed: () => void) {
    this.#receiver = receiver;
    this.#onClosed = onClosed;
  }

  get wantedBytes(): number {
    return this.#receiver.wantedBytes;
  }

  received(slab: Slab, start: number, end: number): number {
    return this.#receiver.received(slab, start, end);
  }

  written(): void {
    this.#receiver.written();
  }

  closed(error?: OmnibusError): void {
    this.#onClosed();
    this.#receiver.closed(error);
  }
}

/** A native link over TCP whose end is also told to `onClosed`. */
export class CountedLink extends SocketLink {
  readonly #onClosed: () => void;

  constructor(socket: Socket, options: SocketLinkOptions, onClosed: () => void) {
    super(socket, options);
    this.#onClosed = onClosed;
  }

  override open(receiver: LinkReceiver): void {
    super.open(new EndWatch(receiver, this.#onClosed));
  }
}
