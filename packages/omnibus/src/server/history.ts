import type { JsonHistory } from "../adapters/json/index.ts";
import type { LogProvider, Message } from "../bus/index.ts";
import { MemoryHistory, type MemoryHistoryOptions } from "../log/index.ts";
import { StoredMessage } from "./stored-message.ts";

/**
 * The history of a server before durable topics (DESIGN 13.8): the last messages of each topic that a
 * JSON client has used or the configuration names, in memory, for the JSON adapter and `{ replay }`
 * alike.
 */
export class ServerHistory implements LogProvider, JsonHistory {
  readonly #memory: MemoryHistory<StoredMessage>;

  constructor(options: Omit<MemoryHistoryOptions<StoredMessage>, "sizeOf">) {
    this.#memory = new MemoryHistory({ ...options, sizeOf: (message) => message.chargedBytes });
  }

  get version(): number {
    return this.#memory.version;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  covers(topic: string): boolean {
    return this.#memory.covers(topic);
  }

  cover(topic: string): void {
    this.#memory.cover(topic);
  }

  append(message: Message): void {
    this.#memory.append(new StoredMessage(message));
  }

  last(pattern: string, count: number): Message[] {
    return this.#memory.last(pattern, count);
  }
}
