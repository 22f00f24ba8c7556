import { checkPattern, checkTopic, OmnibusError } from "../base/index.ts";
import type {
  AcknowledgedPublishOptions,
  BusView,
  MessageHandler,
  Principal,
  PublishOptions,
  RawPublishOptions,
  SubscribeOptions,
  Subscription,
  Verb,
} from "./bus-view.ts";
import { LocalSubscriptionHost } from "./local-subscription-host.ts";
import type { RawPayload } from "./message.ts";
import { checked } from "./schema-check.ts";
import { RunningSubscription } from "./subscription.ts";
import type { Topic } from "./topic-handle.ts";
import type { Announcer, ViewHost } from "./view-host.ts";
import type { ViewPace } from "./view-pace.ts";

const noTopics: ReadonlySet<string> = new Set();
/** Who was told to wait for more topics than this waits for all of them. */
const maxFull = 1000;

/** Somebody else who has come in: who it is, and how fast it may bring new topics. */
export interface Guest {
  readonly principal: Principal;
  readonly pace: ViewPace;
}

/** The verbs for one principal. */
export class View implements BusView {
  readonly principal: Principal;
  readonly #core: ViewHost;
  readonly #announcer: Announcer;
  readonly #isAlmighty: boolean;
  readonly #pace: ViewPace | undefined;
  readonly #subscriptions = new Set<RunningSubscription>();
  /** Topics of which it was told to wait, and has not since. */
  #full: Set<string> | undefined = undefined;
  #isClosed = false;

  /** Without a guest it is the bus's own view, which may do everything. */
  constructor(core: ViewHost, announcer: Announcer, guest?: Guest) {
    this.#core = core;
    this.#announcer = announcer;
    this.#isAlmighty = guest === undefined;
    this.#pace = guest?.pace;
    this.principal = guest?.principal ?? { name: "self", roles: [] };
  }

  publish<In>(topic: string | Topic<In, unknown>, value: In, options?: PublishOptions): boolean;
  publish<In>(
    topic: string | Topic<In, unknown>,
    value: In,
    options: AcknowledgedPublishOptions,
  ): Promise<never>;
  publish<In>(
    topic: string | Topic<In, unknown>,
    value: In,
    options?: PublishOptions | AcknowledgedPublishOptions,
  ): boolean | Promise<never> {
    if (typeof topic === "string") {
      this.#check("publish", topic);
      if (options?.qos === 1) return this.#noLog(topic);
      this.#pace?.uses(topic);
      return this.#mayGoOn(topic, this.#core.publishing.value(topic, value, options));
    }
    this.#check("publish", topic.name);
    if (options?.qos === 1) return this.#noLog(topic.name);
    this.#pace?.uses(topic.name);
    const given = topic.schema === undefined ? value : checked(topic.schema, topic.name, value);
    return this.#mayGoOn(topic.name, this.#core.publishing.value(topic.name, given, options));
  }

  #noLog(topic: string): Promise<never> {
    checkTopic(topic);
    this.#core.checkOpen();
    return Promise.reject(
      new OmnibusError(
        "no-log",
        `no log covers ${topic}: publish with qos 0, which is the default`,
      ),
    );
  }

  publishRaw(topic: string, payload: RawPayload, options?: RawPublishOptions): boolean {
    this.#check("publish", topic);
    this.#pace?.uses(topic);
    return this.#mayGoOn(topic, this.#core.publishing.raw(topic, payload, options));
  }

  #mayGoOn(topic: string, isBelowMark: boolean): boolean {
    if (!isBelowMark && (this.#full?.size ?? 0) <= maxFull) (this.#full ??= new Set()).add(topic);
    return isBelowMark && this.#pace?.isOver !== true;
  }

  #check(verb: Verb, name: string): void {
    if (this.#isClosed) throw new OmnibusError("closed", "this view of the bus is closed");
    if (this.#isAlmighty || this.#core.authority.may(this.principal, verb, name)) return;
    if (verb === "publish") this.#core.stats.denied++;
    throw new OmnibusError("denied", `${this.principal.name} may not ${verb} to ${name}`);
  }

  subscribe<T>(
    topic: string | Topic<unknown, T>,
    first?: MessageHandler<T> | SubscribeOptions,
    second?: SubscribeOptions,
  ): Subscription<T> {
    const handler = typeof first === "function" ? first : undefined;
    const options = (typeof first === "function" ? second : first) ?? {};
    const name = typeof topic === "string" ? topic : topic.name;
    checkPattern(name);
    this.#core.checkOpen();
    this.#check("subscribe", name);
    const schema = typeof topic === "string" ? undefined : topic.schema;
    const host = new LocalSubscriptionHost(
      this.#core,
      this.#announcer,
      this.#subscriptions,
      this.#isAlmighty ? undefined : this.principal,
      schema,
    );
    const settled = { ...options, realm: options.realm ?? this.#core.realm };
    const subscription = new RunningSubscription(
      name,
      host,
      settled,
      handler as MessageHandler<unknown> | undefined,
    );
    if (subscription.isEnded) return subscription as unknown as Subscription<T>;
    this.#begin(subscription);
    return subscription as unknown as Subscription<T>;
  }

  #begin(subscription: RunningSubscription): void {
    const core = this.#core;
    const { pattern, replay } = subscription;
    this.#subscriptions.add(subscription);
    if (replay > 0 && core.log !== undefined) {
      for (const message of core.log.last(pattern, replay)) {
        if (subscription.mayReceive(message.topic))
          subscription.deliver(core.asQueueable(message), false);
      }
    }
    core.subscribers.add(subscription);
    const announced = this.#announcer.announce(subscription);
    subscription.ready = announced.then(() => subscription.checkAccepted());
    // Whoever waits for it is told; for all others it is an event already.
    subscription.ready.catch(() => undefined);
  }

  may(verb: Verb, topicOrPattern: string): boolean {
    return this.#isAlmighty || this.#core.authority.may(this.principal, verb, topicOrPattern);
  }

  drained(): Promise<void> {
    const pace = this.#pace;
    return pace?.isOver === true ? pace.paid().then(() => this.#drained()) : this.#drained();
  }

  async #drained(): Promise<void> {
    const { drain } = this.#core;
    const full = this.#full;
    if (full === undefined || full.size <= maxFull) await drain.drained(full ?? noTopics);
    else await drain.drained();
    // Meanwhile it may have been told to wait again.
    for (const topic of full ?? noTopics) if (!drain.isFull(topic)) full?.delete(topic);
  }

  async close(): Promise<unknown> {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) await subscription.close();
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
