import type { JsonClient, ServerStage } from "./server-stage.ts";

/** Starts a server with a setting and looks for what it does; resolves to a reason if it cannot look here. */
export type Effect = (stage: ServerStage) => Promise<string | void>;

/** A publish that is confirmed. */
export const publish = (topic: string, payload: unknown, more: object = {}): object => ({
  type: "publish",
  topic,
  payload,
  confirm: true,
  ...more,
});

/** A subscribe that is confirmed. */
export const subscribe = (topic: string): object => ({ type: "subscribe", topic, confirm: true });

/** Whether a client may subscribe to a topic. */
export async function maySubscribe(client: JsonClient, topic: string): Promise<boolean> {
  return (await client.ask(subscribe(topic)))["type"] !== "error";
}

/** Sends messages until somebody's queue has dropped some. */
export async function overflow(stage: ServerStage, bytes: number): Promise<boolean> {
  const slow = await stage.enter();
  await slow.ask(subscribe("much"));
  slow.socket.pause();
  for (let sent = 0; sent < bytes; sent += 60_000) {
    stage.server.bus.publish("much", "x".repeat(60_000));
    await stage.roundTrip();
  }
  return (await stage.metric("json_dropped_total")) > 0;
}
