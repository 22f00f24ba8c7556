import { asOmnibusError, type OmnibusError, type Timer } from "../../base/index.ts";
import type { BusView, Conversation, Credentials } from "../../bus/index.ts";
import type { JsonContext } from "./context.ts";
import { type ErrorSubject, isBusy, type ReplyPort } from "./failure.ts";
import { authenticatedReply, loginReply } from "./replies.ts";

/** By so much the end of the time to authenticate may be late. */
const stepMs = 100;

const minuteMs = 60_000;
/** The wall clock may be set: an end far away is looked at again at least this often. */
const maxLookMs = 3_600_000;

/** What a connection does with somebody who has authenticated. */
export interface Gate {
  /** Whether the connection may go on as this principal. */
  mayEnter(principal: string): boolean;
  enter(view: BusView, isTyped: boolean): void;
}

/** Who a connection is: logins, tokens, their time limits. Its two calls must not overlap. [JSON-3] */
export class Authentication {
  readonly #context: JsonContext;
  readonly #port: ReplyPort;
  readonly #conversation: Conversation;
  readonly #gate: Gate;
  #deadline: Timer | undefined;
  #expiry: Timer | undefined;
  #failuresMs: number[] | undefined;
  #isClosed = false;

  constructor(context: JsonContext, conversation: Conversation, port: ReplyPort, gate: Gate) {
    this.#context = context;
    this.#port = port;
    this.#gate = gate;
    this.#conversation = conversation;
    const { clock, authTimeoutMs, isAnonymousAllowed } = context.settings;
    // [JSON-3.6]
    if (!isAnonymousAllowed) {
      const passedMs = clock.nowMs() - (conversation.acceptedMs ?? clock.nowMs());
      // In steps: Node keeps a list, and a place in a queue, for each length of timers that there is.
      const leftMs = Math.max(0, authTimeoutMs - Math.floor(passedMs / stepMs) * stepMs);
      this.#deadline = clock.setTimer(leftMs, () => port.fail("authentication-timeout"));
    }
  }

  /** [JSON-3.2] Answers with a token; does not authenticate. */
  async login(username: string, password: string): Promise<void> {
    const { settings } = this.#context;
    try {
      const token = await settings.login(username, password, this.#conversation);
      if (!this.#isClosed) this.#port.reply(loginReply(token));
    } catch (error) {
      if (this.#isClosed) return;
      this.#loginFailed(asOmnibusError(error));
    }
  }

  /** [JSON-3.4] Enters the bus with a token. */
  async auth(token: string, isTyped: boolean): Promise<void> {
    try {
      await this.#enter({ kind: "token", token }, isTyped, () => {
        this.#port.reply(authenticatedReply);
      });
    } catch (error) {
      if (this.#isClosed) return;
      const failure = asOmnibusError(error);
      if (failure.code === "not-authenticated") {
        this.#context.settings.stats.failedLogins++;
        this.#port.fail("authentication-failed");
      } else this.#failOtherwise(failure);
    }
  }

  /** [JSON-3.8] Enters the bus without credentials, because of a command about `subject`. */
  async anonymous(subject: ErrorSubject): Promise<void> {
    try {
      await this.#enter({ kind: "anonymous", protocol: "json" }, false, () => {});
    } catch (error) {
      if (this.#isClosed) return;
      const failure = asOmnibusError(error);
      if (failure.code === "not-authenticated") this.#port.fail("must-authenticate");
      else this.#failOtherwise(failure, subject);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#deadline?.cancel();
    this.#expiry?.cancel();
  }

  async #enter(credentials: Credentials, isTyped: boolean, onSuccess: () => void): Promise<void> {
    const view = await this.#context.settings.enter(credentials, this.#conversation);
    const { name, expiresAtMs } = view.principal;
    if (this.#isClosed || !this.#gate.mayEnter(name)) {
      this.#context.inBackground(view.close());
      if (!this.#isClosed) this.#port.fail("already-authenticated");
      return;
    }
    this.#deadline?.cancel();
    this.#expiry?.cancel();
    onSuccess();
    this.#gate.enter(view, isTyped);
    if (expiresAtMs !== undefined) this.#watchExpiry(expiresAtMs);
  }

  // [JSON-3.7]
  #watchExpiry(expiresAtMs: number): void {
    if (this.#isClosed) return;
    const { clock } = this.#context.settings;
    const leftMs = expiresAtMs - clock.wallMs();
    if (leftMs <= 0) {
      this.#port.fail("token-expired");
      return;
    }
    this.#expiry = clock.setTimer(Math.min(leftMs, maxLookMs), () => {
      this.#watchExpiry(expiresAtMs);
    });
  }

  // [JSON-3.3]
  #loginFailed(failure: OmnibusError): void {
    if (failure.code !== "not-authenticated") {
      this.#failOtherwise(failure);
      return;
    }
    const { clock, maxFailedLogins, stats } = this.#context.settings;
    stats.failedLogins++;
    const nowMs = clock.nowMs();
    const failuresMs = (this.#failuresMs ?? []).filter((atMs) => nowMs - atMs < minuteMs);
    failuresMs.push(nowMs);
    this.#failuresMs = failuresMs;
    this.#port.fail("invalid-credentials");
    if (failuresMs.length >= maxFailedLogins) this.#port.fail("too-many-logins");
  }

  #failOtherwise(failure: OmnibusError, subject?: ErrorSubject): void {
    if (failure.code === "too-many") this.#port.fail("too-many-logins", subject);
    else if (isBusy(failure)) this.#port.fail("busy", subject);
    else {
      this.#context.settings.report(failure);
      this.#port.fail("internal", subject);
    }
  }
}
