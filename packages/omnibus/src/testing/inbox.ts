/** What happened, in order, to be waited for one by one: a test waits for the event itself. */
export class Inbox<Item> {
  readonly #items: Item[] = [];
  readonly #waiting: ((item: Item) => void)[] = [];

  /** Notes something. Bound, so that it can be handed out as a listener. */
  readonly add = (item: Item): void => {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#items.push(item);
    else waiting(item);
  };

  /** How many were noted and not taken. */
  get size(): number {
    return this.#items.length;
  }

  /** The next one, now or when it comes. */
  next(): Promise<Item> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
