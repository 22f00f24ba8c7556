import type { Bus } from "omnibus";

/** Tells on standard error when the connection is lost and when it is back, and what else goes wrong. */
export function reportConnection(bus: Bus, address: string): void {
  let isLost = false;
  bus.on("disconnected", () => {
    if (!isLost)
      process.stderr.write(`omnibus: the connection to ${address} is lost; trying again\n`);
    isLost = true;
  });
  bus.on("connected", () => {
    if (isLost) process.stderr.write(`omnibus: connected to ${address} again\n`);
    isLost = false;
  });
  bus.on("error", (error) => {
    if (!isLost) process.stderr.write(`omnibus: ${error.message}\n`);
  });
}
