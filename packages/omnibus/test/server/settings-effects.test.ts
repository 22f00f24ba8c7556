import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type SettingKey, settingKeys } from "../../src/server/index.ts";
import { brokerEffects } from "./broker-effects.ts";
import { type Effect, overflow } from "./effect.ts";
import { serverEffects } from "./server-effects.ts";
import { ServerStage } from "./server-stage.ts";

const effects: Readonly<Record<SettingKey, Effect>> = { ...serverEffects, ...brokerEffects };

describe("every setting has an effect that can be seen", () => {
  for (const key of settingKeys) {
    test(key, async (t) => {
      await using stage = new ServerStage();
      const reason = await effects[key](stage);
      if (typeof reason === "string") t.skip(reason);
    });
  }
});

test("a queue of the default size drops nothing where a small one does", async () => {
  await using stage = new ServerStage();
  await stage.start();
  assert.equal(await overflow(stage, 600_000), false);
});
