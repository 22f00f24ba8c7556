import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { nativeSubprotocol } from "../link/index.ts";
import {
  closeTable,
  encodeClosePayload,
  encodeFrame,
  type HttpRefusal,
  opcode,
  readUpgrade,
  refusalResponse,
  upgradeResponse,
} from "../node/index.ts";
import type { Admission, Admitted } from "./admission.ts";
import { plainAddress } from "./address.ts";
import { isHostGood, judgeOrigin, originRefusal } from "./http/origin.ts";
import type { Metrics, RefusalKind } from "./metrics.ts";

export interface UpgradeRules {
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly allowedOrigins: readonly string[];
  readonly ownHost: string;
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
  /** The page's origin if it is not our own. */
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
    end(socket, refusalResponse(refusal));
  };
  const { host, origin } = request.headers;
  if (!isHostGood(host, socket.localAddress ?? "", rules.ownHost)) {
    return refuse("host", { status: 403, text: "The Host header names another machine." });
  }
  const verdict = judgeOrigin(origin, host, rules.allowedOrigins);
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
    end(socket, Buffer.concat([Buffer.from(response, "latin1"), closeFrame(admitted)]));
    return undefined;
  }
  const foreignOrigin = verdict === "allowed" ? origin : undefined;
  return { admitted, response, isNative, path: path === "/" ? "/" : path, foreignOrigin };
}

function admit(socket: Socket, rules: UpgradeRules): Admitted | "full" | "too-many" | "draining" {
  if (rules.isDraining()) return "draining";
  return rules.admission.admit(plainAddress(socket.remoteAddress ?? ""));
}

function closeFrame(reason: "full" | "too-many" | "draining"): Buffer {
  const { code, meaning } = closeTable[reason === "draining" ? "going-away" : reason];
  const text = reason === "too-many" ? "too many connections from this address" : meaning;
  return encodeFrame(opcode.close, encodeClosePayload(code, text));
}

function end(socket: Socket, answer: string | Buffer): void {
  socket.on("error", () => socket.destroy());
  // What still comes is read and forgotten: unread bytes would turn the end into a reset.
  socket.on("data", () => {});
  socket.on("end", () => socket.destroy());
  socket.end(answer);
}
