/** What to do about a neighbour's silence. */
export type Silence = "none" | "ping" | "dead";

/** After so many periods without anything heard the neighbour is dead: two pings were missed. */
const deadPeriods = 2.5;

/** When something was last heard of a neighbour, and which pings it has not answered. [WIRE-11.1] */
export class KeepAlive {
  #lastHeardMs: number;
  #awaited: (() => void)[] = [];

  constructor(nowMs: number) {
    this.#lastHeardMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#lastHeardMs = nowMs;
  }

  /** A ping was sent; `done` is called with its answer, or at the end. */
  sent(done: () => void): void {
    this.#awaited.push(done);
  }

  /** A pong came: it answers the oldest ping. [WIRE-11.2] */
  answered(): void {
    this.#awaited.shift()?.();
  }

  /** No answer will come any more. */
  end(): void {
    const awaited = this.#awaited;
    this.#awaited = [];
    for (const done of awaited) done();
  }

  check(nowMs: number, periodMs: number): Silence {
    const silentMs = nowMs - this.#lastHeardMs;
    if (silentMs > periodMs * deadPeriods) return "dead";
    return silentMs >= periodMs ? "ping" : "none";
  }
}
