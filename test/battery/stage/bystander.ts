/** A bystander and the echo that it is compared with, as processes of their own. */
import { forkWorker, type Worker } from "../../../packages/bench/src/harness/fork-worker.ts";
import type { BystanderMethods, BystanderReport } from "../workers/bystander.ts";
import type { PlainEchoMethods } from "../workers/plain-echo.ts";
import type { BatteryServer } from "./battery-server.ts";

const maxStallMs = 50;

export class Bystander implements AsyncDisposable {
  readonly #worker: Worker<BystanderMethods>;
  readonly #echo: Worker<PlainEchoMethods>;

  private constructor(worker: Worker<BystanderMethods>, echo: Worker<PlainEchoMethods>) {
    this.#worker = worker;
    this.#echo = echo;
  }

  static async start(server: BatteryServer): Promise<Bystander> {
    const echo = forkWorker<PlainEchoMethods>(new URL("../workers/plain-echo.ts", import.meta.url));
    const worker = forkWorker<BystanderMethods>(
      new URL("../workers/bystander.ts", import.meta.url),
    );
    const bystander = new Bystander(worker, echo);
    const controlPort = await echo.call("start", undefined);
    await worker.call("start", { port: server.port, token: server.token, controlPort });
    return bystander;
  }

  /** Ends it; what it saw, and what of that is a fault. */
  async end({
    areTimesJudged,
  }: {
    readonly areTimesJudged: boolean;
  }): Promise<{ seen: string; faults: string[] }> {
    const report = await this.#worker.call("stop", undefined);
    return { seen: describe(report), faults: faultsOf(report, areTimesJudged) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
    await this.#echo[Symbol.asyncDispose]();
  }
}

function describe({ echoes, worstMs, worstExcessMs }: BystanderReport): string {
  return (
    `a bystander's ${echoes} echoes took at most ${worstMs.toFixed(1)} ms, ` +
    `${worstExcessMs.toFixed(1)} ms more than a plain echo at that moment`
  );
}

/** A stall of the machine hits both echoes, and is none of the server's. */
export function faultsOf(report: BystanderReport, areTimesJudged: boolean): string[] {
  const { echoes, worstExcessMs, wrong } = report;
  const faults: string[] = [];
  if (echoes === 0) faults.push("the bystander heard no echo");
  if (wrong > 0) faults.push(`${wrong} answers to the bystander were not its echo`);
  if (areTimesJudged && worstExcessMs > maxStallMs) {
    faults.push(`a stall of ${worstExcessMs.toFixed(1)} ms, at most ${maxStallMs}`);
  }
  return faults;
}
