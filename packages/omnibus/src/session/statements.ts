import { type Address, creditType, gapType, interestType, refusalType } from "../wire/index.ts";
import { type Congestion, encodeCredit, encodeGap } from "./flow-runs.ts";
import {
  encodeInterest,
  encodeRefusal,
  type InterestStatement,
  type Refusal,
} from "./handshake.ts";
import type { Outbox } from "./outbox.ts";
import type { SendClass } from "./send-queue.ts";
import type { Sender } from "./sender.ts";

/** A neighbour that does not read may have this many bytes of answers waiting, beside a full queue. */
const maxAnswerBytes = 65_536;

/** What one side of a session says to the other beside messages. */
export class Statements {
  readonly #sender: Sender;
  readonly #outbox: Outbox;
  readonly #onDeaf: () => void;

  /** `onDeaf` is called when too many answers wait for a neighbour that does not read. */
  constructor(sender: Sender, outbox: Outbox, onDeaf: () => void) {
    this.#sender = sender;
    this.#outbox = outbox;
    this.#onDeaf = onDeaf;
  }

  control(type: number, content: Uint8Array, sendClass?: SendClass): void {
    this.#outbox.control(this.#sender.queue, type, content, sendClass);
  }

  /** As `control`, for what the neighbour's runs cause. */
  answer(type: number, content: Uint8Array, sendClass: SendClass): void {
    const { queue } = this.#sender;
    this.control(type, content, sendClass);
    queue.noteAnswer(content.length + 2, sendClass);
    if (queue.answerBytes > queue.limits.maxBytes + maxAnswerBytes) this.#onDeaf();
  }

  /** Asks the neighbour to hold back, or to go on sending, runs of an address. */
  credit({ name }: Pick<Address, "name">, congestion: Congestion): void {
    this.control(creditType, encodeCredit(name, congestion), "control");
  }

  /** Tells the neighbour that `count` messages of an address were dropped on the way to it. */
  gap(address: Address, count: number): void {
    this.#sender.tell(address);
    this.control(gapType, encodeGap(address.number, count));
  }

  interest(statement: InterestStatement): void {
    this.control(interestType, encodeInterest(statement));
  }

  /** Tells the neighbour that something it asked for is not done. */
  refusal(refusal: Refusal): void {
    this.answer(refusalType, encodeRefusal(refusal), "control");
  }
}
