import { asOmnibusError, defaultHandshakeMs, defaultMessageBytes } from "../../base/index.ts";
import { Broadcasts } from "./broadcast.ts";
import { MessageIds } from "./message-id.ts";
import type { JsonAdapterOptions, JsonHistory } from "./options.ts";
import { JsonStats } from "./stats.ts";
import { Unacknowledged } from "./unacknowledged.ts";

const noHistory: JsonHistory = { cover: () => {}, last: () => [] };

/** What all connections of one adapter share: the settings, complete, and what outlives a connection. */
export interface JsonContext {
  readonly settings: Required<JsonAdapterOptions>;
  readonly broadcasts: Broadcasts;
  readonly ids: MessageIds;
  readonly unacknowledged: Unacknowledged;
  /** Runs something asynchronous whose failure is to be reported. */
  readonly inBackground: (work: Promise<unknown>) => void;
}

export function createJsonContext(options: JsonAdapterOptions): JsonContext {
  const settings: Required<JsonAdapterOptions> = {
    history: noHistory,
    stats: new JsonStats(),
    report: () => {},
    isAnonymousAllowed: false,
    timestamps: "ms",
    replayCount: 10,
    maxMessageBytes: defaultMessageBytes,
    maxQueueBytes: 1024 * 1024,
    maxSubscriptions: 1000,
    maxNameBytes: 8 * 1024 * 1024,
    authTimeoutMs: defaultHandshakeMs,
    maxFailedLogins: 5,
    resendAfterMs: 5000,
    maxResends: 5,
    maxInFlight: 1024,
    absenceMs: 3_600_000,
    ...options,
  };
  return {
    settings,
    broadcasts: new Broadcasts(settings.timestamps),
    ids: new MessageIds(settings.random),
    unacknowledged: new Unacknowledged({ clock: settings.clock, ttlMs: settings.absenceMs }),
    inBackground: (work) => {
      work.catch((error: unknown) => settings.report(asOmnibusError(error)));
    },
  };
}
