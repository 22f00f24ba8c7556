import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../base/index.ts";
import { nativeSubprotocol } from "../link/index.ts";
import {
  closeTable,
  encodeClosePayload,
  dismiss,
  encodeFrame,
  type HttpRefusal,
  opcode,
  readUpgrade,
  refusalResponse,
  upgradeResponse,
} from "../node/index.ts";
import type { Admission, Admitted } from "./admission.ts";
import { plainAddress } from "./address.ts";
import {
  hostRefusal,
  type HostRules,
  judgeHost,
  judgeOrigin,
  originRefusal,
} from "./http/origin.ts";
import type { Metrics, RefusalKind } from "./metrics.ts";
import { type Unadmitted, unadmittedTable } from "./refusals.ts";

export interface UpgradeRules {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly hostRules: HostRules;
  readonly isDraining: () => boolean;
}

/** A WebSocket that may be opened. */
export interface Upgrade {
  readonly admitted: Admitted;
  /** The HTTP answer that opens it. */
  readonly response: string;
  readonly isNative: boolean;
  /** Without the query. */
  readonly path: string;
  /** The page's origin if it is not our own, or does not ask for a name of this machine. */
  readonly foreignOrigin: string | undefined;
}

/** Paths and subprotocols of foreign protocols that this version does not speak yet (DESIGN 13.1). */
const reservedPath = /^\/(rawstream|ping)\/|^\/\.well-known\/dx\/signal$/;
const reservedSubprotocol = "mqtt";

/**
 * Decides about a request for a WebSocket. What is refused gets its answer here, as HTTP where a
 * program can read it, else as a close code; then undefined is returned.
 */
export function judgeUpgrade(
  request: IncomingMessage,
  socket: Socket,
  rules: UpgradeRules,
): Upgrade | undefined {
  const refuse = (reason: RefusalKind, refusal: HttpRefusal): undefined => {
    rules.metrics.refused(reason);
    dismiss(socket, refusalResponse(refusal), rules.clock);
  };
  const { host, origin } = request.headers;
  const hostVerdict = judgeHost(host, socket.localAddress ?? "", rules.hostRules);
  if (hostVerdict === "refused") return refuse("host", { status: 403, text: hostRefusal(host) });
  const verdict = judgeOrigin(origin, host, rules.hostRules.allowedOrigins);
  if (verdict === "refused") {
    return refuse("origin", { status: 403, text: originRefusal(origin ?? "") });
  }
  const offer = readUpgrade(request);
  if ("status" in offer) return refuse("handshake", offer);
  const path = (request.url ?? "/").replace(/\?.*$/s, "");
  const isNative = offer.subprotocols.includes(nativeSubprotocol);
  if (!isNative && (reservedPath.test(path) || offer.subprotocols.includes(reservedSubprotocol))) {
    return refuse("handshake", { status: 404, text: "That protocol is not spoken here." });
  }
  const response = upgradeResponse(offer, isNative ? nativeSubprotocol : undefined);
  const admitted = admit(socket, rules);
  if (typeof admitted === "string") {
    rules.metrics.refused(admitted);
    const answer = Buffer.concat([Buffer.from(response, "latin1"), closeFrame(admitted)]);
    dismiss(socket, answer, rules.clock);
    return undefined;
  }
  // What a proxy passes on comes from anywhere, though from this machine's address: with an origin, if need
  // be that of the host asked for, it has not what only this machine has.
  const isForeign = verdict === "allowed" || hostVerdict === "allowed";
  const foreignOrigin = isForeign ? (origin ?? `http://${host}`) : undefined;
  return { admitted, response, isNative, path: path === "/" ? "/" : path, foreignOrigin };
}

function admit(socket: Socket, rules: UpgradeRules): Admitted | Unadmitted {
  if (rules.isDraining()) return "draining";
  return rules.admission.admit(plainAddress(socket.remoteAddress ?? ""));
}

function closeFrame(reason: Unadmitted): Buffer {
  const { close, text } = unadmittedTable[reason];
  return encodeFrame(opcode.close, encodeClosePayload(closeTable[close].code, text));
}
