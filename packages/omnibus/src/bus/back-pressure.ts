import type { Clock, Timer } from "../base/index.ts";
import type { Router } from "../routing/index.ts";
import type { Address, AddressList } from "../wire/index.ts";
import { CongestionTable, type Waiting } from "./congestion-table.ts";
import type { Neighbour } from "./neighbour.ts";
import { takersOf } from "./reach.ts";

/**
 * How long a source is not read from at all before it is asked, address by address, to hold back. A
 * receiver that is only busy for a moment costs no messages to and fro; one that stays slow stops only
 * what it is to get.
 */
const pauseMs = 10;

/** Makes the sources of patient runs wait for receivers whose queues are high. */
export class BackPressure {
  readonly #clock: Clock;
  readonly #router: Router<Neighbour>;
  readonly #table = new CongestionTable<Neighbour>();
  /** Receivers whose sources are paused, with the end of the pause. */
  readonly #pauses = new Map<Neighbour, Timer>();
  /** Receivers that stayed high for longer than a pause. */
  readonly #slow = new Set<Neighbour>();

  constructor(clock: Clock, router: Router<Neighbour>) {
    this.#clock = clock;
    this.#router = router;
  }

  /** A patient run of that realm was queued for `receivers`: its source waits if one of them is high. */
  check(source: Neighbour, address: Address, receivers: readonly Neighbour[], realm: number): void {
    for (let n = 0; n < receivers.length; n++) {
      const receiver = receivers[n] as Neighbour;
      if (receiver === source || !isHigh(receiver, address)) continue;
      this.#hold({ source, address, realm }, receiver);
      return;
    }
  }

  /** The same for a patient run from `source` for several addresses. */
  checkAll(
    source: Neighbour,
    list: AddressList,
    { receivers, realm }: { receivers: readonly Neighbour[]; realm: number },
  ): void {
    if (!receivers.some(({ session }) => session.sender.queue.isHigh)) return;
    for (let n = 0; n < list.length; n++) this.check(source, list.at(n), receivers, realm);
  }

  #hold(one: Waiting<Neighbour>, receiver: Neighbour): void {
    const { source, address } = one;
    const { sender } = receiver.session;
    if (!sender.queue.isHigh || this.#slow.has(receiver)) {
      if (this.#table.add(one, receiver)) source.session.say.credit(address, "hold");
      if (sender.isOver) this.#pause(source, receiver);
      return;
    }
    this.#pause(source, receiver);
    if (this.#pauses.has(receiver)) return;
    const timer = this.#clock.setTimer(pauseMs, () => {
      this.#pauses.delete(receiver);
      this.#slow.add(receiver);
      this.#resume(receiver);
    });
    this.#pauses.set(receiver, timer);
  }

  #pause(from: Neighbour, receiver: Neighbour): void {
    this.#table.pause(from, receiver);
    from.session.pauseReading(receiver);
  }

  #resume(receiver: Neighbour): void {
    for (const source of this.#table.resumed(receiver)) source.session.resumeReading(receiver);
  }

  /** A receiver is below its mark, or not waited for any more: its sources go on, unless another is high. */
  relieve(receiver: Neighbour): void {
    this.#pauses.get(receiver)?.cancel();
    this.#pauses.delete(receiver);
    this.#slow.delete(receiver);
    this.#resume(receiver);
    for (const one of this.#table.relieved(receiver)) {
      const { source, address, realm } = one;
      if (source.session.state !== "open") continue;
      const takers = takersOf(this.#router.targets(address.name), source, realm);
      const next = takers.find((taker) => isHigh(taker, address));
      if (next !== undefined) this.#table.add(one, next);
      else source.session.say.credit(address, "go");
    }
  }

  /** A neighbour is gone. */
  forget(neighbour: Neighbour): void {
    this.relieve(neighbour);
    this.#table.forget(neighbour);
  }
}

function isHigh(receiver: Neighbour, address: Address): boolean {
  const { sender } = receiver.session;
  return !sender.isStalled && sender.isHigh(address);
}
