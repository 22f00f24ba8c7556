/** `node scripts/launch.mjs scripts/check-layers.ts`: the layer check alone. */
import { checkLayers } from "./check/layers.ts";
import { printReport } from "./check/report.ts";

printReport("layers", checkLayers(process.cwd()));
