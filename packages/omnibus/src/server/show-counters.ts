import type { JsonStats } from "../adapters/json/index.ts";
import type { Bus } from "../bus/index.ts";
import type { ServerHistory } from "./history.ts";
import type { Metrics } from "./metrics.ts";

/** Shows what the bus, the JSON adapter and the history count. */
export function showCounters(
  metrics: Metrics,
  bus: Bus,
  json: JsonStats,
  history: ServerHistory,
): void {
  const counter = (name: string, help: string, read: () => number): void =>
    metrics.show({ name, help, kind: "counter", read });
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.show({ name, help, kind: "gauge", read });
  const { stats } = bus;
  gauge("sessions", "Native sessions open now", () => stats.sessions);
  counter("messages_received", "Messages that came for here", () => stats.received);
  counter("messages_dropped", "Messages dropped at full queues of sessions", () => stats.dropped);
  counter(
    "messages_overflowed",
    "Messages dropped at queues of subscriptions in the server",
    () => stats.overflowed,
  );
  counter("messages_denied", "Messages refused for lack of permission", () => stats.denied);
  counter("runs_malformed", "Runs that contradicted themselves", () => stats.malformed);
  gauge("json_connections", "JSON connections open now", () => json.connections);
  counter("json_published", "Messages published by JSON clients", () => json.published);
  counter("json_delivered", "Messages sent to JSON clients", () => json.delivered);
  counter("json_dropped", "Messages dropped at full queues of JSON clients", () => json.dropped);
  counter("json_resent", "QoS 1 messages sent again", () => json.resent);
  counter("json_given_up", "QoS 1 messages never acknowledged", () => json.givenUp);
  counter("json_errors", "Error replies to JSON clients", () => json.errors);
  counter("json_failed_logins", "Logins and tokens that failed", () => json.failedLogins);
  gauge("history_bytes", "Bytes that the history holds", () => history.bytes);
}
