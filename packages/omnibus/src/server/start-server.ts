import type { Logger } from "pino";
import { createJsonAdapter, JsonStats } from "../adapters/json/index.ts";
import { type Clock, type Random, systemClock, systemRandom } from "../base/index.ts";
import { type Bus, createBus } from "../bus/index.ts";
import { isLoopbackHost } from "./address.ts";
import { ServerAuthority } from "./auth/authority.ts";
import { accountsOf } from "./config/accounts.ts";
import { DataFolder } from "./config/data-folder.ts";
import { makeLocalToken, removeLocalToken } from "./config/local-token.ts";
import { checkExposure, hasDefaultCredentials, jwtSecretOf } from "./config/secrets.ts";
import type { Settings } from "./config/settings.ts";
import { readTlsFiles } from "./config/tls-files.ts";
import { type Front, openFront } from "./front.ts";
import { ServerHistory } from "./history.ts";
import { Metrics } from "./metrics.ts";
import { RunningServer } from "./running-server.ts";
import { showCounters } from "./show-counters.ts";

export interface StartServerOptions {
  readonly settings: Settings;
  /** The path of the data folder; it is made if it is not there. */
  readonly dataFolder: string;
  readonly log: Logger;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests. */
  readonly random?: Random;
}

/**
 * Starts a server: one port with pages, the JSON protocol and the native protocol on one bus. Rejects
 * with `bad-config` or `connect-failed`, each one sentence for people.
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { settings, log, clock = systemClock, random = systemRandom } = options;
  checkExposure(settings);
  const tls = readTlsFiles(settings);
  const folder = new DataFolder(options.dataFolder);
  const authority = new ServerAuthority({
    ...accountsOf(settings, undefined),
    jwtSecret: jwtSecretOf(settings, folder, random),
    jwtLifetimeMs: settings["server.jwt_expiry_secs"] * 1000,
    maxFailedLogins: settings["broker.max_failed_logins"],
    onUnknownRole: (role, subject) => {
      log.warn(
        { role, subject },
        "a token names a role that is not in server.roles; it grants nothing",
      );
    },
    clock,
    random,
  });
  const metrics = new Metrics();
  const history = historyOf(settings, clock);
  const bus = await createBus({
    name: "server",
    realm: "global",
    strict: false,
    maxQueueBytes: settings["broker.max_queue_bytes"],
    maxMessageBytes: settings["broker.max_message_bytes"],
    keepAliveMs: settings["broker.keep_alive_secs"] * 1000,
    stallMs: settings["broker.stall_secs"] * 1000,
    neighbourLimits: {
      maxInterests: settings["broker.max_subscriptions"],
      maxNameBytes: settings["broker.max_name_bytes"],
      maxNewTopicsPerSec: settings["broker.max_new_topics_per_sec"],
      handshakeTimeoutMs: settings["broker.auth_timeout_secs"] * 1000,
      frameTimeoutMs: settings["broker.frame_timeout_secs"] * 1000,
    },
    authority,
    log: history,
    clock,
    random,
  });
  const parts: Parts = { settings, log, clock, random, metrics, history, bus, authority, tls };
  const isLocal = isLoopbackHost(settings["server.host"]);
  let front: Front | undefined;
  try {
    front = await openServerFront(parts);
    if (isLocal) {
      authority.update(accountsOf(settings, makeLocalToken(folder, front.port, random)));
    }
  } catch (error) {
    front?.destroy();
    await bus.close({ flushMs: 0 });
    throw error;
  }
  const { port } = front;
  return new RunningServer({
    front,
    bus,
    clock,
    dataFolder: folder.path,
    drainMs: settings["server.drain_secs"] * 1000,
    hasDefaultCredentials: hasDefaultCredentials(settings),
    onClosed: () => {
      if (isLocal) removeLocalToken(folder, port);
    },
  });
}

interface Parts {
  readonly settings: Settings;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly history: ServerHistory;
  readonly bus: Bus;
  readonly authority: ServerAuthority;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

function historyOf(settings: Settings, clock: Clock): ServerHistory {
  const size = settings["broker.history_size"];
  return new ServerHistory({
    clock,
    countPerTopic: size,
    rules: settings["broker.history"].map((rule) =>
      typeof rule === "string" ? { pattern: rule, count: size } : rule,
    ),
    ttlMs: settings["broker.message_ttl_secs"] * 1000,
    maxTopics: settings["broker.history_topics"],
    maxBytes: settings["broker.history_bytes"],
  });
}

function openServerFront(parts: Parts): Promise<Front> {
  const { settings, log, clock, metrics, bus, tls } = parts;
  const stats = new JsonStats();
  showCounters(metrics, bus, stats, parts.history);
  bus.on("error", (error) => log.warn({ err: error }, "a fault in the background"));
  bus.on("overflow", ({ topic, count }) => log.warn({ topic, count }, "messages were dropped"));
  bus.on("connected", ({ remote, principal }) => log.debug({ remote, principal }, "session open"));
  bus.on("disconnected", ({ remote, error }) => {
    log.debug({ remote, reason: error?.message }, "session over");
  });
  return openFront({
    host: settings["server.host"],
    port: settings["server.port"],
    ...(tls && { tls }),
    clock,
    metrics,
    limits: {
      maxConnections: settings["broker.max_connections"],
      maxPerAddress: settings["broker.max_connections_per_address"],
    },
    allowedOrigins: settings["server.allow_origins"],
    firstByteTimeoutMs: settings["broker.first_byte_timeout_secs"] * 1000,
    webSocket: {
      maxMessageBytes: settings["broker.max_message_bytes"],
      frameTimeoutMs: settings["broker.frame_timeout_secs"] * 1000,
      pingIntervalMs: settings["broker.ping_interval_secs"] * 1000,
      pingMisses: settings["broker.ping_misses"],
      onFault: (error) => log.error({ err: error }, "a fault of this program; please report it"),
    },
    json: jsonAdapterOf(parts, stats),
    native: (link) => bus.attach(link),
  });
}

function jsonAdapterOf(parts: Parts, stats: JsonStats): ReturnType<typeof createJsonAdapter> {
  const { settings, log, clock, random, bus, authority, history } = parts;
  return createJsonAdapter({
    clock,
    random,
    enter: (credentials, caller) => bus.enter(credentials, caller),
    login: (user, password, caller) => authority.login(user, password, caller),
    history,
    stats,
    report: (error) => log.warn({ err: error }, "a fault of the JSON adapter"),
    isAnonymousAllowed: settings["server.anonymous"] !== undefined,
    timestamps: settings["server.timestamps"],
    replayCount: settings["broker.history_size"],
    maxMessageBytes: settings["broker.max_message_bytes"],
    maxQueueBytes: settings["broker.max_queue_bytes"],
    maxSubscriptions: settings["broker.max_subscriptions"],
    maxNameBytes: settings["broker.max_name_bytes"],
    authTimeoutMs: settings["broker.auth_timeout_secs"] * 1000,
    maxFailedLogins: settings["broker.max_failed_logins"],
    resendAfterMs: settings["broker.ack_timeout_secs"] * 1000,
    maxResends: settings["broker.ack_retries"],
    absenceMs: settings["broker.message_ttl_secs"] * 1000,
  });
}
