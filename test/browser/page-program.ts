/** What the tests' page runs: a program with the library as a user of a bundler has it. */
import { type Bus, openBus, type SubscribeOptions } from "omnibus";

let bus: Bus | undefined;
const events: string[] = [];

function opened(): Bus {
  if (bus === undefined) throw new Error("open first");
  return bus;
}

/** Calls for the test; they run in the page. */
export const program = {
  async open(url: string, token: string): Promise<void> {
    bus = await openBus({ connect: url, credentials: { kind: "token", token }, maxRedialMs: 200 });
    bus.on("connected", () => events.push("connected"));
    bus.on("disconnected", () => events.push("disconnected"));
  },
  /** Sends back to one topic what comes to another, and notes what kind of value it was. */
  async echo(from: string, to: string, options: SubscribeOptions = {}): Promise<void> {
    const kinds = (window.kinds = [] as string[]);
    const subscription = opened().subscribe(
      from,
      ({ value }) => {
        kinds.push(Object.prototype.toString.call(value).slice(8, -1));
        opened().publish(to, value);
      },
      options,
    );
    await subscription.ready;
  },
  publish(topic: string, value: unknown): void {
    opened().publish(topic, value);
  },
  /** Every attempt to publish what cannot travel, with the code of its error. */
  refusals(): (string | undefined)[] {
    return [(): void => undefined, Symbol("s"), { a: [window] }].map((value) => {
      try {
        opened().publish("never", value);
      } catch (error) {
        return String(error);
      }
      return undefined;
    });
  },
  events: (): readonly string[] => events,
  async close(): Promise<number> {
    return (await opened().close()).unsentBytes;
  },
};

declare global {
  interface Window {
    program: typeof program;
    kinds: string[];
  }
}

window.program = program;
