/** Where the page stands with the server. */
export type ConsoleState = "idle" | "connecting" | "open" | "refused" | "lost";

/** How the page lets itself in: a `login` or `auth` command, or nothing where anonymous clients may. */
export type Begin =
  | { readonly type: "login" | "auth"; readonly [field: string]: unknown }
  | undefined;

/** What the page asks for once it is in: `subscribe`, `unsubscribe`, `publish` or `ack`. */
export interface ConsoleCommand {
  readonly type: string;
  readonly topic?: unknown;
  readonly message_id?: unknown;
  readonly [field: string]: unknown;
}

/** A command that was sent, and who is to be told of its answer. */
interface Waiting {
  readonly command: ConsoleCommand;
  readonly done: (error: string) => void;
}

/** What a connection tells the page. */
export interface ConsoleListener {
  /** `text` says what people should read. */
  state(state: ConsoleState, text: string): void;
  message(broadcast: Readonly<Record<string, unknown>>): void;
}

/**
 * The page's conversation with the server: lets itself in, comes back when it is lost, and pairs each
 * command, which all ask to be confirmed, with its reply: by what it names, since the confirmation of a
 * `subscribe` may come behind answers to later commands. [JSON-2.5] [JSON-9.5]
 *
 * Sent to browsers as its own source text: it may use nothing but the browser.
 */
export class ConsoleConnection {
  readonly #url: string;
  readonly #listener: ConsoleListener;
  #socket: WebSocket | undefined = undefined;
  #state: ConsoleState = "idle";
  /** How to come back: the token that a login returned, never the password. */
  #begin: Begin = undefined;
  #failure = "";
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #waiting: Waiting[] = [];

  constructor(url: string, listener: ConsoleListener) {
    this.#url = url;
    this.#listener = listener;
  }

  /** Whether commands can be sent; also, in `done`, whether it was the server that answered. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  connect(begin: Begin): void {
    this.disconnect();
    this.#begin = begin;
    this.#attempts = 0;
    this.#dial(begin);
  }

  disconnect(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#begin = undefined;
    this.#giveUp();
    this.#show("idle", "not connected");
  }

  /** Sends a command; `done` gets the error's text, or none when it was confirmed. */
  send(command: ConsoleCommand, done: (error: string) => void): void {
    if (!this.isOpen) {
      done("not connected");
      return;
    }
    this.#waiting.push({ command, done });
    this.#say({ ...command, confirm: true });
  }

  #dial(begin: Begin): void {
    if (this.#attempts === 0) this.#show("connecting", "connecting");
    else this.#show("lost", "connection lost; trying again");
    this.#failure = "";
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = (): void => {
      if (begin !== undefined) this.#say(begin);
      // Whoever must authenticate is told so by the answer to any command.
      else this.#say({ type: "unsubscribe", topic: "omnibus", confirm: true });
    };
    socket.onmessage = ({ data }: MessageEvent<string>): void => {
      if (this.#socket === socket) this.#hear(JSON.parse(data) as Record<string, unknown>);
    };
    socket.onclose = ({ code, reason }): void => {
      if (this.#socket === socket) this.#closed(code, reason);
    };
  }

  #say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #hear(reply: Record<string, unknown>): void {
    const { type, message } = reply;
    if (type === undefined) this.#listener.message(reply);
    else if (type === "login_response") {
      this.#begin = { type: "auth", token: reply["token"] };
      this.#say(this.#begin);
    } else if (this.#state !== "open" && type === "error") this.#refused(String(message));
    else if (this.#state !== "open") this.#opened();
    else if (type === "confirmed") this.#take((one) => this.#isConfirmed(one, reply))?.done("");
    else if (type === "error") this.#told(String(message), reply);
  }

  #opened(): void {
    this.#attempts = 0;
    this.#show("open", "connected");
  }

  /** An error that answers no command comes before an end, and says why. */
  #told(message: string, reply: Record<string, unknown>): void {
    const answered = this.#take((one) => this.#isRefused(one, reply));
    if (answered === undefined) this.#failure = message;
    else answered.done(message);
  }

  /** Takes the oldest command that an answer fits. */
  #take(fits: (command: ConsoleCommand) => boolean): Waiting | undefined {
    const at = this.#waiting.findIndex(({ command }) => fits(command));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  #isConfirmed(command: ConsoleCommand, reply: Record<string, unknown>): boolean {
    const { type, topic, message_id: id } = command;
    if (reply["command"] !== type) return false;
    // An `ack` is confirmed without its topic; a `publish` with an id that the server may have made.
    if (type === "ack") return reply["message_id"] === id;
    return reply["topic"] === topic && (typeof id !== "string" || reply["message_id"] === id);
  }

  #isRefused(command: ConsoleCommand, reply: Record<string, unknown>): boolean {
    const { code } = reply;
    // What was not read is not named; only a payload can be too much.
    if (code === "too-deep" || code === "too-big") return command.type === "publish";
    const named = [command.topic, command.message_id].map((text) =>
      typeof text === "string" && text.length <= 1024 ? text : undefined,
    );
    return named[0] === reply["topic"] && named[1] === reply["message_id"];
  }

  #refused(message: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#begin = undefined;
    this.#giveUp();
    this.#show("refused", message);
  }

  #closed(code: number, reason: string): void {
    const why = this.#failure || reason || (code === 1006 ? "no answer" : `code ${code}`);
    const isFirst = this.#attempts === 0 && this.#state === "connecting";
    // The server's own reasons; whatever else ends a connection may pass.
    const isFinal = code >= 4400 && code < 4500 && code !== 4408 && code !== 4409;
    if (isFirst || isFinal || this.#begin?.type === "login") {
      this.#refused(why);
      return;
    }
    const pause = Math.min(10, 2 ** this.#attempts++ / 2);
    this.#show("lost", `connection lost (${why}); next try in ${pause} s`);
    this.#giveUp();
    this.#timer = setTimeout(() => this.#dial(this.#begin), pause * 1000);
  }

  #giveUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { done } of waiting) done("the connection ended before an answer came");
  }

  #show(state: ConsoleState, text: string): void {
    this.#state = state;
    this.#listener.state(state, text);
  }
}
