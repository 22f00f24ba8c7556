import {
  asOmnibusError,
  type Clock,
  OmnibusError,
  type Random,
  type Timer,
} from "../base/index.ts";
import type { Dialer, Link } from "../link/index.ts";
import type { BusOptions } from "./bus-options.ts";

/** The first pause before another attempt. */
const firstPauseMs = 1000;
/** An attempt that has brought neither a link nor an error by then has failed. */
const dialTimeoutMs = 10_000;

/** What staying connected needs of the bus. */
export interface UplinkHost {
  readonly clock: Clock;
  readonly random: Random;
  /** A link is there: begins a session. `sessionOpened` and `sessionEnded` say what became of it. */
  connected(link: Link): void;
  /** Something failed that ends nothing. */
  failed(error: OmnibusError): void;
  /** Nothing more is tried. */
  gaveUp(): void;
}

export type UplinkOptions = Pick<
  BusOptions,
  "dialers" | "maxRedialMs" | "ca" | "waitForServer" | "signal"
>;

/**
 * Stays connected to one server: dials, and after a loss dials again after 1 s, 2 s, 4 s, ... with jitter.
 * The first failure ends the attempts, unless it is waited for; so does a later refusal for good.
 */
export class Uplink {
  /** Whether there is a session now. */
  isOpen = false;
  readonly #host: UplinkHost;
  readonly #options: UplinkOptions;
  readonly #url: URL;
  readonly #dialer: Dialer;
  /** The attempt that is under way, or was last. */
  #attempt = new AbortController();
  #isStopped = false;
  /** Whether a session was ever open: who never got in is not tried again. */
  #wasOpen = false;
  readonly #first = Promise.withResolvers<void>();
  #pauseMs = firstPauseMs;
  #timer: Timer | undefined;

  /** Throws `connect-failed` if nothing here can dial such an address. */
  constructor(url: string, options: UplinkOptions, host: UplinkHost) {
    this.#host = host;
    this.#options = options;
    if (!URL.canParse(url)) {
      throw new OmnibusError(
        "connect-failed",
        `${url} is not an address; give one such as ws://127.0.0.1:8080`,
      );
    }
    this.#url = new URL(url);
    this.#dialer = dialerFor(this.#url, options.dialers ?? []);
  }

  /** Resolves with the first session; rejects if there will be none. */
  get opened(): Promise<void> {
    return this.#first.promise;
  }

  /** Begins to dial. */
  start(): void {
    const attempt = (this.#attempt = new AbortController());
    const { signal } = attempt;
    const timer = this.#host.clock.setTimer(
      dialTimeoutMs,
      () => {
        attempt.abort();
        const text = `${this.#url.href} does not answer: no connection within ${dialTimeoutMs} ms`;
        this.#failed(new OmnibusError("connect-failed", text));
      },
      { isKeepingAlive: true },
    );
    this.#dialer.dial(this.#url, { signal, ca: this.#options.ca }).then(
      (link) => {
        timer.cancel();
        if (signal.aborted) link.destroy();
        else this.#host.connected(link);
      },
      (cause: unknown) => {
        timer.cancel();
        if (!signal.aborted) this.#failed(asOmnibusError(cause));
      },
    );
    signal.addEventListener("abort", () => timer.cancel());
  }

  #failed(error: OmnibusError): void {
    if (!this.#wasOpen && !this.#isWaitedFor(error)) return this.#giveUp(error);
    this.#host.failed(error);
    this.#again();
  }

  /** A session over the last link is open: the next pause is the first one again. */
  sessionOpened(): void {
    this.isOpen = this.#wasOpen = true;
    this.#pauseMs = firstPauseMs;
    this.#first.resolve();
  }

  /** The session over the last link is over. */
  sessionEnded(reason: OmnibusError | undefined): void {
    const { isOpen } = this;
    const error = reason ?? new OmnibusError("closed", this.#whyNone());
    this.isOpen = false;
    if (!this.#wasOpen && !this.#isWaitedFor(error)) return this.#giveUp(error);
    // A server that lets us in no more says so before there is a session.
    if (this.#wasOpen && !isOpen && !error.retry) return this.#giveUp(error);
    if (!this.#wasOpen) this.#host.failed(error);
    this.#again();
  }

  /** Of a session that ended without a word. */
  #whyNone(): string {
    const { href, protocol } = this.#url;
    const hint =
      protocol === "tcp:" ? "; is that an Omnibus server, and one without TLS (tls://)?" : "";
    return `${href} ended the connection${this.#wasOpen ? "" : hint}`;
  }

  /** Whether a first connection that failed so is tried again. */
  #isWaitedFor(error: OmnibusError): boolean {
    return this.#options.waitForServer === true && error.retry;
  }

  #giveUp(error: OmnibusError): void {
    this.#first.reject(error);
    this.stop();
    this.#host.gaveUp();
    if (this.#wasOpen) this.#host.failed(error);
  }

  /** Dials again after the pause. */
  #again(): void {
    if (this.#isStopped) return;
    const { clock, random } = this.#host;
    const { maxRedialMs = 60_000 } = this.#options;
    const pauseMs = Math.min(this.#pauseMs, maxRedialMs) * (0.75 + random.next() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxRedialMs);
    this.#timer = clock.setTimer(pauseMs, () => this.start(), { isKeepingAlive: true });
  }

  /** Dials no more. Who waits for a first connection is told why it waits in vain. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#attempt.abort();
    this.#first.reject(
      this.#options.signal?.aborted === true
        ? new OmnibusError("aborted", "the signal fired before there was a connection")
        : new OmnibusError("closed", "the bus was closed before there was a connection"),
    );
  }
}

function dialerFor({ protocol }: URL, dialers: readonly Dialer[]): Dialer {
  const dialer = dialers.find(({ schemes }) => schemes.includes(protocol));
  if (dialer !== undefined) return dialer;
  const schemes = dialers.flatMap((one) => one.schemes).join("//, ");
  throw new OmnibusError(
    "connect-failed",
    `${protocol}// cannot be dialled here; possible are ${schemes}//`,
  );
}
