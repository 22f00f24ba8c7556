import type { OmnibusError } from "omnibus";
import { CommandError } from "../failure.ts";
import type { Connection } from "./connect.ts";

/**
 * Tells on standard error when the connection is lost and when it is back, and what else goes wrong.
 * Rejects when it will not come back; a server that was started anew is entered with its new token.
 */
export function watchConnection({ bus, address, enterAgain }: Connection): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  let isLost = false;
  bus.on("disconnected", () => {
    if (!isLost) tell(`the connection to ${address} is lost; trying again`);
    isLost = true;
  });
  bus.on("connected", () => {
    if (isLost) tell(`connected to ${address} again`);
    isLost = false;
  });
  bus.on("error", (error) => {
    if (!isLost) tell(error.message);
    else if (isRefusal(error)) {
      enterAgain().catch((cause: unknown) => {
        reject(new CommandError(`${address} does not let us in again`, { cause }));
      });
    }
  });
  return promise;
}

function isRefusal(error: Error): boolean {
  return (error as Partial<OmnibusError>).code === "not-authenticated";
}

function tell(what: string): void {
  process.stderr.write(`omnibus: ${what}\n`);
}
