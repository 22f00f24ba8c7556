/** A set of functions that are told of events of one kind. */
export class Listeners<Event> {
  #listeners: ((event: Event) => void)[] = [];

  /** Adds a listener; the returned function removes it again. */
  add(listener: (event: Event) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Whether anybody listens. */
  get isEmpty(): boolean {
    return this.#listeners.length === 0;
  }

  /** Tells all listeners, in the order in which they were added. */
  tell(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
