/** A server as a user has it, `omnibus serve` in a process of its own, and what can be seen of it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLocalToken } from "../../../packages/omnibus/src/server/index.ts";
import { residentBytesOf } from "../../../packages/bench/src/harness/process-usage.ts";
import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { CliHome, type Serving } from "../../cli/cli-home.ts";

/** Rows may take long; a server that outlives its row by far is killed. */
const patienceMs = 3_600_000;
const pollMs = 100;

export interface BatteryServerOptions {
  /** The configuration file, in TOML. */
  readonly config?: string;
  /** More arguments of `omnibus serve`. */
  readonly args?: readonly string[];
  /** With a certificate that it signs itself, `cert.pem` in its data folder. Then the page cannot be asked by plain HTTP. */
  readonly hasTls?: boolean;
}

export class BatteryServer implements AsyncDisposable {
  /** Added to the environment of every server that is started: how faults are planted. */
  static environment: Readonly<Record<string, string>> = {};
  readonly #home: CliHome;
  readonly #serving: Serving;
  /** Gets in everywhere. */
  readonly token: string;

  private constructor(home: CliHome, serving: Serving) {
    this.#home = home;
    this.#serving = serving;
    this.token = readLocalToken(this.dataFolder, serving.port) ?? "";
  }

  static async start({
    config,
    args = [],
    hasTls = false,
  }: BatteryServerOptions = {}): Promise<BatteryServer> {
    const home = new CliHome({ patienceMs });
    const more = [...args];
    if (config !== undefined) {
      const file = join(home.path, "battery.toml");
      writeFileSync(file, config);
      more.push("--config", file);
    }
    try {
      if (hasTls) {
        await home.run(["cert"]);
        const data = join(home.path, "data");
        more.push("--tls-cert", join(data, "cert.pem"), "--tls-key", join(data, "key.pem"));
      }
      return new BatteryServer(home, await home.serve(more, { ...BatteryServer.environment }));
    } catch (error) {
      await home[Symbol.asyncDispose]();
      throw error;
    }
  }

  get home(): CliHome {
    return this.#home;
  }

  get dataFolder(): string {
    return join(this.#home.path, "data");
  }

  get port(): number {
    return this.#serving.port;
  }

  get pid(): number {
    return this.#serving.program.pid;
  }

  /** `tcp://...` or `tls://...` */
  get url(): string {
    return this.#serving.url;
  }

  /** All that it has printed and logged. */
  get output(): string {
    return this.#serving.program.output;
  }

  /** Ends it in order; resolves with its exit code. */
  async end(): Promise<number | null> {
    const { program } = this.#serving;
    program.kill("SIGTERM");
    return (await program.ended).code;
  }

  residentBytes(): number {
    const bytes = residentBytesOf(this.pid);
    if (bytes === undefined)
      throw new Error("needs /proc: only Linux tells the memory of a process");
    return bytes;
  }

  /** A number of `/metrics`, without the prefix `omnibus_`. */
  async metric(name: string): Promise<number> {
    const text = await this.#get("metrics");
    const line = new RegExp(`^omnibus_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text);
    if (line?.[1] === undefined) throw new Error(`the server has no metric ${name}`);
    return Number(line[1]);
  }

  /** Waits until a metric is as `isGood` wants it; throws with its value after `limitMs`. */
  async waitForMetric(
    name: string,
    isGood: (value: number) => boolean,
    limitMs = 30_000,
  ): Promise<number> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const value = await this.metric(name);
      if (isGood(value)) return value;
      if (performance.now() > endMs)
        throw new Error(`${name} is still ${value} after ${limitMs} ms`);
      await sleepMs(pollMs);
    }
  }

  /** What is wrong with the server after all that was done to it; empty if it lives and has no fault. */
  async faults(): Promise<string[]> {
    const faults: string[] = [];
    const health = await this.#get("healthz").catch((error: unknown) => String(error));
    if (!/ok/i.test(health)) faults.push(`/healthz says ${health.slice(0, 200)}`);
    const told = this.output
      .split("\n")
      .filter((line) => /a fault of this program|internal/.test(line));
    faults.push(...told.slice(0, 3).map((line) => `the log says ${line.slice(0, 500)}`));
    return faults;
  }

  async #get(path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}/${path}`);
    return await response.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
  }
}
