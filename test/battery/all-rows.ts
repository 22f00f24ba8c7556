import type { Row } from "./row.ts";
import { authenticationMatrixRow } from "./rows/authentication-matrix.ts";
import { bombsRow } from "./rows/bombs.ts";
import { complexityRow } from "./rows/complexity.ts";
import { decodersRow } from "./rows/decoders.ts";
import { idleConnectionsRow } from "./rows/idle-connections.ts";
import { jsonCrowdRow } from "./rows/json-crowd.ts";
import { jwtRow } from "./rows/jwt.ts";
import { leafRow } from "./rows/leaf.ts";
import { liveSplitsRow } from "./rows/live-splits.ts";
import { malformedRow } from "./rows/malformed.ts";
import { namesRow } from "./rows/names.ts";
import { defaultSecretsRow, originsRow, secretsInLogsRow } from "./rows/origins-and-secrets.ts";
import { packagesRow } from "./rows/packages.ts";
import { slowClientsRow } from "./rows/slow-clients.ts";
import { stuckRareRow, stuckThousandRow } from "./rows/stuck-crowds.ts";
import { stuckLatencyRow, stuckSubscriberRow } from "./rows/stuck-subscriber.ts";

/** Every row that can be run today, cheap ones first. */
export const allRows: readonly Row[] = [
  originsRow,
  defaultSecretsRow,
  secretsInLogsRow,
  jwtRow,
  leafRow,
  liveSplitsRow,
  malformedRow,
  jsonCrowdRow,
  authenticationMatrixRow,
  decodersRow,
  packagesRow,
  namesRow,
  complexityRow,
  bombsRow,
  slowClientsRow,
  idleConnectionsRow,
  stuckSubscriberRow,
  stuckRareRow,
  stuckThousandRow,
  stuckLatencyRow,
];
