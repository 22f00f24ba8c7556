/** ZeroMQ's own proxy: what comes in at one port goes to the subscribers at the other. */
import { Proxy, XPublisher, XSubscriber } from "zeromq";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

export const methods: MiddleMethods = middleMethods(async () => {
  const incoming = new XSubscriber({ receiveHighWaterMark: 0 });
  const outgoing = new XPublisher({ sendHighWaterMark: 0 });
  await incoming.bind("tcp://127.0.0.1:*");
  await outgoing.bind("tcp://127.0.0.1:*");
  const ports = { in: portOf(incoming.lastEndpoint), out: portOf(outgoing.lastEndpoint) };
  const proxy = new Proxy(incoming, outgoing);
  void proxy.run();
  return { port: ports.in, ports };
});

function portOf(endpoint: string | null): number {
  return Number(endpoint?.split(":").at(-1));
}
