import type { Row } from "./row.ts";
import { decodersRow } from "./rows/decoders.ts";

/** Every row that can be run today, cheap ones first. */
export const allRows: readonly Row[] = [decodersRow];
