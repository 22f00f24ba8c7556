/** Writes docs/guide/configuration.md from the settings: `node scripts/launch.mjs scripts/docs/configuration.ts`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { settingsGuide } from "omnibus/server";

const page = new URL("../../docs/guide/configuration.md", import.meta.url);
mkdirSync(new URL(".", page), { recursive: true });
writeFileSync(page, settingsGuide());
