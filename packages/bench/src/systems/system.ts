import type { RawProtocol } from "./raw-protocol.ts";
import type { InProcess } from "./in-process.ts";

/** What a row says beside a system's figure. */
export interface Policy {
  /** How messages are put together on their way: by the client, by the middle. */
  readonly batching: string;
  /** Who confirms what, and when. */
  readonly acknowledgement: string;
  /** What keeps the publisher from running ahead, and how much may be on its way. */
  readonly flow: string;
}

/** Where a running middle can be reached. Plain data: it travels to the other processes. */
export interface Address {
  readonly port: number;
  /** Further ports by name, for systems that need more than one. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** The memory of a Node middle, in bytes. */
export interface MemoryUse {
  readonly heap: number;
  readonly external: number;
  readonly collections: number;
}

/** A middle that runs in a process of its own; disposing ends it. */
export interface Middle extends AsyncDisposable {
  readonly pid: number;
  readonly address: Address;
  /** Node middles only: collects garbage if asked to, and says what is in use. */
  memory?(options: { readonly collect: boolean }): Promise<MemoryUse>;
}

/** How a middle is started. */
export interface MiddleOptions {
  /** For Node middles: flags of the runtime. */
  readonly nodeFlags?: readonly string[];
}

/** A client of a system, in the way a program uses it: the public API of its official library. */
export interface ProgramClient extends AsyncDisposable {
  /**
   * Publishes. False: wait for `drained` before more. The payload is written again after the window
   * of the run (systems that the harness paces), or after 32,768 further messages (others).
   */
  publish(topic: string, payload: Uint8Array): boolean;
  /** Resolves when there is room again. */
  drained(): Promise<void>;
  /** Subscribes to exactly these topics; resolves when the middle knows of all of them. */
  subscribe(topics: readonly string[], handler: (payload: Uint8Array) => void): Promise<void>;
  /** Sends a request and resolves to its reply. */
  request?(topic: string, payload: Uint8Array): Promise<Uint8Array>;
  /** Answers requests; resolves when the middle knows. */
  serve?(topic: string, handler: (payload: Uint8Array) => Uint8Array): Promise<void>;
}

/**
 * Who sees to it that nothing is lost. `window`: the harness, which lets that many bytes of payload
 * (and at most 16,384 messages) be on their way; `own`: the system itself, by `publish` returning
 * false.
 */
export type Pacing = { readonly by: "window"; readonly bytes: number } | { readonly by: "own" };

/** A system as programs use it. */
export interface Programs {
  readonly pacing: Pacing;
  connect(address: Address): Promise<ProgramClient>;
}

/** One system under test: ours, a peer, or a ceiling. Each lives in `systems/NAME.ts`. */
export interface System {
  readonly name: string;
  readonly policy: Policy;
  /** The command that installs what is missing, or undefined when all is there. */
  missing(): string | undefined;
  startMiddle(options?: MiddleOptions): Promise<Middle>;
  readonly programs?: Programs;
  readonly raw?: RawProtocol;
  readonly inProcess?: InProcess;
}

/** The default window of systems that the harness paces. */
export const WINDOW_BYTES: number = 4 * 1024 * 1024;

/** The pacing of most peers. */
export const PACED_BY_WINDOW: Pacing = { by: "window", bytes: WINDOW_BYTES };

/** That pacing in words, for `Policy.flow`. */
export const WINDOW_FLOW =
  "paced by the harness: at most 4 MiB of payload and 16,384 messages between publisher and subscriber";
