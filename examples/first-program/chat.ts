import { createInterface } from "node:readline";
import { openBus, topic } from "omnibus";
import { z } from "zod";

const chat = topic("chat/general", z.object({ from: z.string(), text: z.string() }));

await using bus = await openBus({
  connect: process.env["OMNIBUS_URL"] ?? "tcp://127.0.0.1:8080",
  credentials: { kind: "password", user: "admin", password: "password" },
});
bus.on("error", (error) => console.error(error.message));

const subscription = bus.subscribe(chat, ({ value, missed }) => {
  if (missed > 0) console.log(`(${missed} messages missed)`);
  console.log(`${value.from}: ${value.text}`);
});
await subscription.ready;
console.log(`connected as ${process.argv[2]}`);

for await (const text of createInterface({ input: process.stdin })) {
  if (!bus.publish(chat, { from: process.argv[2] ?? "somebody", text })) await bus.drained();
}
