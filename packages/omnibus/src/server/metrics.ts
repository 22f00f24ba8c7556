import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** Why a connection was not taken. */
export type RefusalKind = "full" | "too-many" | "origin" | "host" | "handshake" | "draining";

/** Numbers that another part of the server keeps, read when somebody asks for the metrics. */
export interface MetricSource {
  /** A Prometheus name without the prefix `omnibus_`. */
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge";
  readonly read: () => number;
}

/** The server's metrics, in Prometheus's form. One registry per server: several may run in a process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #refused: Counter;
  readonly #accepted: Counter;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.#accepted = new Counter({
      name: "omnibus_connections_accepted_total",
      help: "Connections that were taken, by protocol",
      labelNames: ["protocol"],
      registers: [this.#registry],
    });
    this.#refused = new Counter({
      name: "omnibus_connections_refused_total",
      help: "Connections that were refused, by reason",
      labelNames: ["reason"],
      registers: [this.#registry],
    });
  }

  accepted(protocol: string): void {
    this.#accepted.inc({ protocol });
  }

  refused(reason: RefusalKind): void {
    this.#refused.inc({ reason });
  }

  /** Shows a number that somebody else counts. */
  show(source: MetricSource): void {
    const { kind, read } = source;
    const name = `omnibus_${source.name}`;
    // A gauge is what can be set to any number; the name says which ones only grow.
    const gauge: Gauge = new Gauge({
      name: kind === "counter" ? `${name}_total` : name,
      help: source.help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
