import type { PayloadFormat, QueueableMessage } from "./message.ts";

/** A message whose value is what a schema made of it. */
export class ValidatedMessage implements QueueableMessage {
  readonly value: unknown;
  readonly #message: QueueableMessage;

  constructor(message: QueueableMessage, value: unknown) {
    this.#message = message;
    this.value = value;
  }

  get topic(): string {
    return this.#message.topic;
  }

  get format(): PayloadFormat {
    return this.#message.format;
  }

  get bytes(): Uint8Array {
    return this.#message.bytes;
  }

  get json(): string | undefined {
    return this.#message.json;
  }

  get timeMs(): number {
    return this.#message.timeMs;
  }

  get id(): string | undefined {
    return this.#message.id;
  }

  get qos(): 0 | 1 {
    return this.#message.qos;
  }

  get isReplay(): boolean {
    return this.#message.isReplay;
  }

  get missed(): number {
    return this.#message.missed;
  }

  get byteLength(): number {
    return this.#message.byteLength;
  }

  get memory(): unknown {
    return this.#message.memory;
  }

  detach(): void {
    this.#message.detach();
  }

  withMissed(missed: number): ValidatedMessage {
    return new ValidatedMessage(this.#message.withMissed(missed), this.value);
  }
}
