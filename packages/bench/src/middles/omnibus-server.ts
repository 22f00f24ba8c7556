/** Our server, as far as the native protocol goes: one bus, one TCP port. */
import { openBus } from "omnibus";
import { listenTcp } from "omnibus/node";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

export const methods: MiddleMethods = middleMethods(async () => {
  const bus = await openBus({ realm: "global", name: "server" });
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (link) => bus.attach(link));
  return { port: Number(new URL(listener.url).port) };
});
