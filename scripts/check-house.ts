/** `node scripts/launch.mjs scripts/check-house.ts`: the house rules alone. */
import { checkHouse } from "./check/house.ts";
import { printReport } from "./check/report.ts";

printReport("house rules", checkHouse(process.cwd()));
