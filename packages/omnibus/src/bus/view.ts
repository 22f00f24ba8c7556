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
import { checkId } from "./message-id.ts";
import { RunningSubscription } from "./subscription.ts";
import type { Topic, TopicCheck } from "./topic-handle.ts";
import type { Announcer, ViewHost } from "./view-host.ts";

const noTopics: ReadonlySet<string> = new Set();
/** Who was told to wait for more topics than this waits for all of them. */
const maxFull = 1000;

/** The verbs for the program itself, which may do everything; `GuestView` is for who comes in. */
export class View implements BusView {
  readonly principal: Principal;
  readonly #core: ViewHost;
  readonly #announcer: Announcer;
  readonly #subscriptions = new Set<RunningSubscription>();
  /** Topics of which it was told to wait, and has not since. */
  #full: Set<string> | undefined = undefined;
  #isClosed = false;

  constructor(
    core: ViewHost,
    announcer: Announcer,
    principal: Principal = { name: "self", roles: [] },
  ) {
    this.#core = core;
    this.#announcer = announcer;
    this.principal = principal;
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
    const name = typeof topic === "string" ? topic : topic.name;
    this.#check("publish", name);
    if (options?.qos === 1) return this.#noLog(name);
    checkId(options?.id);
    const check = checkOf(topic);
    const given = check === undefined ? value : check.published(value);
    return this.#published(name, this.#core.publishing.value(name, given, options));
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
    checkId(options?.id);
    return this.#published(topic, this.#core.publishing.raw(topic, payload, options));
  }

  #published(topic: string, isBelowMark: boolean): boolean {
    if (!isBelowMark && (this.#full?.size ?? 0) <= maxFull) (this.#full ??= new Set()).add(topic);
    return this.mayGoOn(isBelowMark);
  }

  #check(verb: Verb, name: string): void {
    if (this.#isClosed) throw new OmnibusError("closed", "this view of the bus is closed");
    this.checkMay(verb, name);
  }

  /** Throws if the principal may not do that. */
  protected checkMay(_verb: Verb, _name: string): void {}

  /** What `publish` returns when all queues are below their marks, or not. */
  protected mayGoOn(isBelowMark: boolean): boolean {
    return isBelowMark;
  }

  subscribe<T>(
    topic: string | Topic<unknown, T>,
    first?: MessageHandler<T> | SubscribeOptions,
    second?: SubscribeOptions,
  ): Subscription<T> {
    const core = this.#core;
    const handler = typeof first === "function" ? first : undefined;
    const options = (typeof first === "function" ? second : first) ?? {};
    const name = typeof topic === "string" ? topic : topic.name;
    checkPattern(name);
    core.checkOpen();
    this.#check("subscribe", name);
    const host = new LocalSubscriptionHost(
      core,
      this.#announcer,
      this.#subscriptions,
      this,
      checkOf(topic),
    );
    const subscription = new RunningSubscription(
      name,
      host,
      { ...options, realm: options.realm ?? core.realm },
      handler as MessageHandler<unknown> | undefined,
    );
    if (!subscription.isEnded) this.#begin(subscription);
    return subscription as unknown as Subscription<T>;
  }

  #begin(subscription: RunningSubscription): void {
    this.#subscriptions.add(subscription);
    this.#core.begin(subscription);
    const announced = this.#announcer.announce(subscription);
    subscription.ready = announced.then(() => subscription.checkAccepted());
    // Whoever waits for it is told; for all others it is an event already.
    subscription.ready.catch(() => undefined);
  }

  may(_verb: Verb, _topicOrPattern: string): boolean {
    return true;
  }

  async drained(): Promise<void> {
    const { drain } = this.#core;
    const full = this.#full ?? noTopics;
    await drain.drained(full.size <= maxFull ? full : undefined);
    // Meanwhile it may have been told to wait again.
    for (const topic of full) if (!drain.isFull(topic)) this.#full?.delete(topic);
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

/** What checks the values of a topic. A schema that nothing applies is a mistake. */
function checkOf(
  topic: string | (Pick<Topic<unknown>, "name" | "check"> & { readonly schema: unknown }),
): TopicCheck | undefined {
  if (typeof topic === "string") return undefined;
  if (topic.check === undefined && topic.schema !== undefined)
    throw new TypeError(`make ${topic.name} by topic(name, schema)`);
  return topic.check;
}
