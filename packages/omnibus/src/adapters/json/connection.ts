import type { BusView, Conversation, ConversationHandler } from "../../bus/index.ts";
import { Authentication, type Gate } from "./authentication.ts";
import { JsonClient } from "./client.ts";
import { type Command, parseCommand, type Refusal, subjectOf } from "./command.ts";
import type { JsonContext } from "./context.ts";
import { type JsonErrorCode, jsonErrorTable } from "./error-table.ts";
import type { ErrorFacts, ReplyPort } from "./failure.ts";
import { errorReply } from "./replies.ts";

/** Why a connection is not read from, as bits. */
const pause = { authentication: 1, publish: 2, replies: 4 } as const;
type PauseReason = (typeof pause)[keyof typeof pause];

/**
 * One connection of a JSON client: reads its texts one after the other, lets it in, and hands on what
 * it asks for.
 *
 *     new --login--> new      new --auth--> authenticated --auth--> authenticated
 *     any --closing error, timeout, expiry, or the client--> closed
 *
 * While a `login` or `auth` is under way, texts that come wait for its end, in order. [JSON-3.5]
 */
export class JsonConnection implements ConversationHandler, ReplyPort, Gate {
  readonly #context: JsonContext;
  readonly #conversation: Conversation;
  readonly #authentication: Authentication;
  #pausedFor = 0;
  #client: JsonClient | undefined;
  #waiting: string[] | undefined;
  #waitingChars = 0;
  #isBusy = false;
  #isClosed = false;

  constructor(context: JsonContext, conversation: Conversation) {
    this.#context = context;
    this.#conversation = conversation;
    context.settings.stats.connections++;
    this.#authentication = new Authentication(context, conversation, this, this);
  }

  text(text: string): void {
    if (this.#isClosed) return;
    if (!this.#isBusy) {
      this.#read(text);
      return;
    }
    this.#waitingChars += text.length;
    if (this.#waitingChars > this.#context.settings.maxMessageBytes) this.fail("overloaded");
    else (this.#waiting ??= []).push(text);
  }

  bytes(_bytes: Uint8Array): void {
    if (!this.#isClosed) this.fail("not-text");
  }

  drained(): void {
    if (this.#isClosed) return;
    this.#client?.drained();
    this.#resume(pause.replies);
  }

  closed(): void {
    this.#end();
    this.#context.settings.stats.connections--;
  }

  reply(text: string): void {
    if (this.#isClosed) return;
    const hasRoom = this.#conversation.send(text);
    // [JSON-9.4] Who does not read its answers is not read from either.
    if (!hasRoom && this.#conversation.bufferedBytes > this.#context.settings.maxQueueBytes) {
      this.#pause(pause.replies);
    }
  }

  fail(code: JsonErrorCode, facts?: ErrorFacts): void {
    if (this.#isClosed) return;
    this.#context.settings.stats.errors++;
    this.reply(errorReply(code, facts));
    const { close, message } = jsonErrorTable[code];
    if (close === undefined) return;
    this.#end();
    this.#conversation.close(close, message);
  }

  holdUntil(work: Promise<unknown>): void {
    this.#pause(pause.publish);
    this.#context.inBackground(work.finally(() => this.#resume(pause.publish)));
  }

  mayEnter(principal: string): boolean {
    const current = this.#client?.principal ?? principal;
    return current === principal || current.startsWith("anonymous:");
  }

  enter(view: BusView, isTyped: boolean): void {
    if (this.#client === undefined) {
      this.#client = new JsonClient(this.#context, this.#conversation, this, view);
    } else this.#client.rebind(view);
    this.#client.isTyped = isTyped;
  }

  #end(): void {
    this.#isClosed = true;
    this.#waiting = undefined;
    this.#authentication.close();
    this.#client?.close();
    this.#client = undefined;
  }

  #read(text: string): void {
    // [JSON-2.6]
    if (isLonger(text, this.#context.settings.maxMessageBytes)) {
      this.fail("too-big");
      return;
    }
    const parsed = parseCommand(text);
    if ("refusal" in parsed) this.#refuse(parsed.refusal);
    else this.#handle(parsed.command);
  }

  #refuse({ code, type, ...facts }: Refusal): void {
    // [JSON-3.1]
    const isLate = type === "login" || type === "auth" || type === undefined;
    if (this.#client === undefined && !isLate && !this.#context.settings.isAnonymousAllowed) {
      this.fail("must-authenticate");
    } else this.fail(code, facts);
  }

  #handle(command: Command): void {
    if (command.type === "login") {
      this.#wait(this.#authentication.login(command.username, command.password));
    } else if (command.type === "auth") {
      this.#wait(this.#authentication.auth(command.token, command.isTyped));
    } else if (this.#client !== undefined) {
      this.#client.handle(command);
    } else if (this.#context.settings.isAnonymousAllowed) {
      this.#wait(
        this.#authentication.anonymous(subjectOf(command)).then(() => {
          if (!this.#isClosed) this.#client?.handle(command);
        }),
      );
    } else this.fail("must-authenticate");
  }

  #wait(work: Promise<void>): void {
    this.#isBusy = true;
    this.#pause(pause.authentication);
    this.#context.inBackground(work.finally(() => this.#goOn()));
  }

  #goOn(): void {
    this.#isBusy = false;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingChars = 0;
    for (const text of waiting) this.text(text);
    if (!this.#isBusy) this.#resume(pause.authentication);
  }

  #pause(reason: PauseReason): void {
    if (this.#isClosed) return;
    if (this.#pausedFor === 0) this.#conversation.pause();
    this.#pausedFor |= reason;
  }

  #resume(reason: PauseReason): void {
    if ((this.#pausedFor & reason) === 0) return;
    this.#pausedFor &= ~reason;
    if (this.#pausedFor === 0 && !this.#isClosed) this.#conversation.resume();
  }
}

/** Whether a text has more than `maxBytes` bytes of UTF-8; counts only where the length leaves it open. */
function isLonger(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  if (text.length * 3 <= maxBytes) return false;
  return new TextEncoder().encode(text).length > maxBytes;
}
