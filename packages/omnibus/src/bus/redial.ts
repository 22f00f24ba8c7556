import {
  asOmnibusError,
  type Clock,
  OmnibusError,
  type Random,
  type Timer,
} from "../base/index.ts";
import type { Dialer, Link } from "../link/index.ts";

/** The first pause before another attempt. */
const firstPauseMs = 1000;

export interface RedialOptions {
  readonly url: string;
  readonly dialers: readonly Dialer[];
  readonly clock: Clock;
  readonly random: Random;
  /** The longest pause. */
  readonly maxPauseMs: number;
  readonly ca?: string | undefined;
  /** A link is there: begins a session. */
  connected(link: Link): void;
  /** An attempt failed; another follows. */
  failed(error: OmnibusError): void;
}

/** Stays connected to one address: dials, and after a loss dials again after 1 s, 2 s, 4 s, ... with jitter. */
export class Redial {
  readonly #options: RedialOptions;
  readonly #url: URL;
  readonly #dialer: Dialer;
  readonly #abort = new AbortController();
  #pauseMs = firstPauseMs;
  #timer: Timer | undefined;

  /** Throws `connect-failed` if nothing here can dial such an address. */
  constructor(options: RedialOptions) {
    this.#options = options;
    const schemes = options.dialers.flatMap((dialer) => dialer.schemes).join("//, ");
    if (!URL.canParse(options.url)) {
      throw new OmnibusError(
        "connect-failed",
        `${options.url} is not an address; give one such as ws://127.0.0.1:8080`,
      );
    }
    this.#url = new URL(options.url);
    const dialer = options.dialers.find((one) => one.schemes.includes(this.#url.protocol));
    if (dialer === undefined) {
      throw new OmnibusError(
        "connect-failed",
        `${this.#url.protocol}// cannot be dialled here; possible are ${schemes}//`,
      );
    }
    this.#dialer = dialer;
  }

  get url(): string {
    return this.#options.url;
  }

  /** Begins to dial. */
  start(): void {
    const { ca } = this.#options;
    const options = { signal: this.#abort.signal, ...(ca === undefined ? {} : { ca }) };
    this.#dialer.dial(this.#url, options).then(
      (link) => {
        if (this.#abort.signal.aborted) link.destroy();
        else this.#options.connected(link);
      },
      (error: unknown) => {
        if (this.#abort.signal.aborted) return;
        this.#options.failed(asOmnibusError(error));
        this.again();
      },
    );
  }

  /** A session over the last link was opened: the next pause is the first one again. */
  succeeded(): void {
    this.#pauseMs = firstPauseMs;
  }

  /** The session is over, or the attempt failed: dials again after the pause. */
  again(): void {
    if (this.#abort.signal.aborted) return;
    const { clock, random, maxPauseMs } = this.#options;
    const pauseMs = Math.min(this.#pauseMs, maxPauseMs) * (0.75 + random.next() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs);
    this.#timer = clock.setTimer(pauseMs, () => this.start(), { isKeepingAlive: true });
  }

  /** Gives up. */
  stop(): void {
    this.#timer?.cancel();
    this.#abort.abort();
  }
}
