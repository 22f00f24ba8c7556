import type { Row } from "./row.ts";
import { decodersRow } from "./rows/decoders.ts";
import { jsonCrowdRow } from "./rows/json-crowd.ts";
import { jwtRow } from "./rows/jwt.ts";
import { leafRow } from "./rows/leaf.ts";
import { malformedRow } from "./rows/malformed.ts";
import { stuckRareRow, stuckThousandRow } from "./rows/stuck-crowds.ts";
import { stuckLatencyRow, stuckSubscriberRow } from "./rows/stuck-subscriber.ts";

/** Every row that can be run today, cheap ones first. */
export const allRows: readonly Row[] = [
  jwtRow,
  leafRow,
  malformedRow,
  jsonCrowdRow,
  decodersRow,
  stuckSubscriberRow,
  stuckRareRow,
  stuckThousandRow,
  stuckLatencyRow,
];
