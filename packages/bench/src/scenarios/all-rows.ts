import { rows as allocation } from "./allocation.ts";
import { rows as inProcess } from "./b1-in-process.ts";
import { rows as middles } from "./b3-middles.ts";
import { rows as programs } from "./b3-programs.ts";
import { rows as fanOut } from "./b4-fan-out.ts";
import { rows as requests } from "./b6-requests.ts";
import { rows as idle } from "./b9-idle.ts";
import type { Row } from "./row.ts";

/** Every row, in the order of PROOF's table. */
export const allRows: readonly Row[] = [
  ...inProcess,
  ...programs,
  ...middles,
  ...allocation,
  ...fanOut,
  ...requests,
  ...idle,
];
