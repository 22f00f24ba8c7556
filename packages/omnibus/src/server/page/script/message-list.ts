/** A broadcast of the JSON protocol, as far as the page looks at it. */
export interface Broadcast {
  readonly topic: string;
  readonly payload: unknown;
  readonly timestamp: number;
  readonly message_id: string;
  readonly qos: number;
  readonly encoding?: string;
  readonly redelivered?: boolean;
  readonly missed?: number;
}

/**
 * The list of messages, newest first, at most 500. What comes in a burst is drawn once a frame. A
 * message that comes again (a repetition, a replay after a reconnection) is shown once.
 *
 * Sent to browsers as its own source text: it may use nothing but the browser. All text goes in as
 * text, never as markup.
 */
export class MessageList {
  static readonly #max = 500;
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  readonly #acknowledge: (message: Broadcast, done: (error: string) => void) => void;
  readonly #rows = new Map<string, HTMLElement>();
  #queue: Broadcast[] = [];
  #total = 0;

  constructor(
    list: HTMLElement,
    count: HTMLElement,
    acknowledge: (message: Broadcast, done: (error: string) => void) => void,
  ) {
    this.#list = list;
    this.#count = count;
    this.#acknowledge = acknowledge;
  }

  add(message: Broadcast): void {
    if (this.#queue.length === 0) requestAnimationFrame(() => this.#draw());
    this.#queue.push(message);
    this.#total++;
    // In a tab that is not looked at nothing is drawn for long.
    if (this.#queue.length > 2 * MessageList.#max)
      this.#queue = this.#queue.slice(-MessageList.#max);
  }

  clear(): void {
    this.#rows.clear();
    this.#queue = [];
    this.#total = 0;
    this.#draw();
  }

  #draw(): void {
    for (const message of this.#queue.splice(0)) this.#show(message);
    for (const [key, row] of this.#rows) {
      if (this.#rows.size <= MessageList.#max) break;
      row.remove();
      this.#rows.delete(key);
    }
    if (this.#rows.size === 0) this.#list.replaceChildren();
    const shown = this.#total > this.#rows.size ? `, ${this.#rows.size} shown` : "";
    this.#count.textContent = this.#total === 0 ? "none yet" : `${this.#total} received${shown}`;
  }

  #show(message: Broadcast): void {
    const key = `${message.message_id} ${message.topic}`;
    const known = this.#rows.get(key);
    if (known !== undefined) {
      if (message.redelivered === true) this.#mark(known, "sent again");
      return;
    }
    const row = document.createElement("li");
    const { timestamp, payload, encoding, missed = 0 } = message;
    // Seconds or milliseconds, as the server is set up.
    const time = new Date(timestamp < 1e11 ? timestamp * 1000 : timestamp);
    row.append(
      this.#cell("time", time.toLocaleTimeString()),
      this.#cell("topic", message.topic),
      this.#cell("payload", typeof payload === "string" ? payload : JSON.stringify(payload)),
    );
    if (encoding !== undefined) this.#mark(row, encoding);
    if (missed > 0) this.#mark(row, `${missed} missed before`);
    if (message.redelivered === true) this.#mark(row, "sent again");
    if (message.qos === 1) this.#await(row, message);
    this.#rows.set(key, row);
    this.#list.prepend(row);
  }

  #await(row: HTMLElement, message: Broadcast): void {
    this.#mark(row, "QoS 1");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Acknowledge";
    button.setAttribute("aria-label", `Acknowledge ${message.message_id}`);
    button.title = message.message_id;
    button.onclick = (): void =>
      this.#acknowledge(message, (error) => {
        button.remove();
        this.#mark(row, error === "" ? "acknowledged" : error);
      });
    row.append(button);
    if (this.#list.dataset["acknowledges"] === "true") button.click();
  }

  /** A mark is there once, however often it is made. */
  #mark(row: HTMLElement, text: string): void {
    for (const mark of row.querySelectorAll(".mark")) if (mark.textContent === text) return;
    row.append(this.#cell("mark", text));
  }

  #cell(kind: string, text: string): HTMLElement {
    const cell = document.createElement("span");
    cell.className = kind;
    cell.textContent = text;
    return cell;
  }
}
