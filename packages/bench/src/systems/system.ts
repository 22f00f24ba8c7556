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

/** What a client will do, for systems that need to know at once. */
export type ClientRole = "sends" | "receives";

/** A client of a system, in the way a program uses it: the public API of its official library. */
export interface ProgramClient extends AsyncDisposable {
  /**
   * Publishes. False: wait for `drained` before more. The payload is written again after twice the
   * window of the run, or after 32,768 further messages where no window is kept.
   */
  publish(topic: string, payload: Uint8Array): boolean;
  /** Resolves when there is room again. */
  drained(): Promise<void>;
  /** Subscribes to exactly these topics; resolves when the middle knows of all of them. */
  subscribe(topics: readonly string[], handler: (payload: Uint8Array) => void): Promise<void>;
  /** Systems that drop by design: how many messages they told this subscriber they dropped. */
  toldLost?(): number;
  /** Role `sends`: sends a request and resolves to its reply. */
  request?(topic: string, payload: Uint8Array): Promise<Uint8Array>;
  /** Role `receives`: answers requests; resolves when the middle knows. */
  serve?(topic: string, handler: (payload: Uint8Array) => Uint8Array): Promise<void>;
}

/** A system as programs use it. */
export interface Programs {
  /**
   * The window of the harness is not kept: what happens then is what the row is about. Default: false.
   */
  readonly isSelfPaced?: boolean;
  /** The middle itself answers requests: there is no responder. Default: false. */
  readonly isServedByMiddle?: boolean;
  connect(address: Address, role: ClientRole): Promise<ProgramClient>;
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
