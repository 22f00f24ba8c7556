import type { Clock } from "../../base/index.ts";

const windowMs = 1000;
const maxMadePerWindow = 5;

/**
 * A text that is costly to make and asked for by anybody. It is made anew for who asks, but never twice at
 * once and at most five times a second: beyond that all get the last one, and the same bytes of it, so
 * that answers that wait for slow readers cost nothing each.
 */
export class SharedText {
  readonly #clock: Clock;
  readonly #make: () => Promise<string>;
  #latest: Promise<Uint8Array<ArrayBuffer>> | undefined;
  #isUnderWay = false;
  #windowBeganMs = 0;
  #madeInWindow = 0;

  /** If `make` rejects, so does each call that was to get that text. */
  constructor(clock: Clock, make: () => Promise<string>) {
    this.#clock = clock;
    this.#make = make;
  }

  /** The text in UTF-8. Others have the same bytes: they must not be changed. */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#latest !== undefined && (this.#isUnderWay || !this.#mayMake())) return this.#latest;
    this.#madeInWindow++;
    this.#isUnderWay = true;
    return (this.#latest = this.#made());
  }

  async #made(): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new TextEncoder().encode(await this.#make());
    } finally {
      this.#isUnderWay = false;
    }
  }

  #mayMake(): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#windowBeganMs >= windowMs) {
      this.#windowBeganMs = nowMs;
      this.#madeInWindow = 0;
    }
    return this.#madeInWindow < maxMadePerWindow;
  }
}
