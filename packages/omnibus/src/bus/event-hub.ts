import { type Clock, Listeners } from "../base/index.ts";
import type { BusEvents } from "./bus-options.ts";
import { ThrottledCounts } from "./throttled-counts.ts";

/** Who listens to what happens in the background. */
export class EventHub {
  /** Counts of dropped messages by topic, told as `overflow`. */
  readonly overflow: ThrottledCounts;
  readonly #clock: Clock;
  /** Errors that nobody listens to, by their text. */
  readonly #unheard: ThrottledCounts;
  readonly #listeners: { [Name in keyof BusEvents]: Listeners<BusEvents[Name]> } = {
    error: new Listeners(),
    overflow: new Listeners(),
    connected: new Listeners(),
    disconnected: new Listeners(),
  };

  /** `report` gets a line for errors that nobody listens to. */
  constructor(clock: Clock, report: (line: string) => void) {
    this.#clock = clock;
    this.#unheard = this.throttle((text, count) => report(unheardLine(text, count)), {
      isPrompt: true,
    });
    this.overflow = this.throttle((topic, count) => this.tell("overflow", { topic, count }), {
      isPrompt: false,
    });
  }

  on<Name extends keyof BusEvents>(
    name: Name,
    listener: (event: BusEvents[Name]) => void,
  ): () => void {
    return this.#listeners[name].add(listener);
  }

  tell<Name extends keyof BusEvents>(name: Name, event: BusEvents[Name]): void {
    const listeners = this.#listeners[name];
    if (name === "error" && listeners.isEmpty) this.#unheard.add((event as Error).message, 1);
    else listeners.tell(event);
  }

  /** Something that is told at most once a second for each name. */
  throttle(
    tell: (name: string, count: number) => void,
    options: { readonly isPrompt: boolean },
  ): ThrottledCounts {
    return new ThrottledCounts(this.#clock, tell, options);
  }
}

/** One line, whatever stands in the text. */
function unheardLine(text: string, count: number): string {
  const times = count === 1 ? "" : ` (${count} times)`;
  const flat = text.replaceAll(/\p{Cc}+/gu, " ");
  return `omnibus: ${flat}${times}; told here because nothing listens to bus.on("error", ...)`;
}
