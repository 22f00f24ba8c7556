/** Where the page stands with the server. */
export type ConsoleState = "idle" | "connecting" | "open" | "refused" | "lost";

/** How the page lets itself in: a `login` or `auth` command, or nothing where anonymous clients may. */
export type Begin =
  | { readonly type: "login" | "auth"; readonly [field: string]: unknown }
  | undefined;

/** What a connection tells the page. */
export interface ConsoleListener {
  /** `text` says what people should read. */
  state(state: ConsoleState, text: string): void;
  message(broadcast: Readonly<Record<string, unknown>>): void;
}

/**
 * The page's conversation with the server: lets itself in, comes back when it is lost, and pairs each
 * command with its reply, since the server handles commands in order and each asks to be confirmed.
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
  #waiting: ((error: string) => void)[] = [];

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
  send(command: object, done: (error: string) => void): void {
    if (!this.isOpen) {
      done("not connected");
      return;
    }
    this.#waiting.push(done);
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
    else if (type === "confirmed") this.#waiting.shift()?.("");
    else if (type === "error") this.#told(String(message));
  }

  #opened(): void {
    this.#attempts = 0;
    this.#show("open", "connected");
  }

  /** An error that answers no command comes before an end, and says why. */
  #told(message: string): void {
    const done = this.#waiting.shift();
    if (done === undefined) this.#failure = message;
    else done(message);
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
    for (const done of waiting) done("the connection ended before an answer came");
  }

  #show(state: ConsoleState, text: string): void {
    this.#state = state;
    this.#listener.state(state, text);
  }
}
