import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What of an HTTP request decides about an upgrade. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
}

/** A request that may be upgraded. */
export interface UpgradeOffer {
  readonly key: string;
  /** The subprotocols that the client speaks, best first. */
  readonly subprotocols: readonly string[];
}

/** An HTTP answer that ends the connection. */
export interface HttpRefusal {
  readonly status: 400 | 403 | 404 | 405 | 426 | 429 | 503;
  /** One sentence for people. */
  readonly text: string;
}

const version = "13";
const keyForm = /^[+/0-9A-Za-z]{22}==$/;
const tokenForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const statusText: Readonly<Record<HttpRefusal["status"], string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  429: "Too Many Requests",
  503: "Service Unavailable",
};

function hasToken(list: string | undefined, token: string): boolean {
  return list?.split(",").some((item) => item.trim().toLowerCase() === token) ?? false;
}

/** Checks the opening handshake of a client (RFC 6455, 4.2.1). */
export function readUpgrade(request: UpgradeRequest): UpgradeOffer | HttpRefusal {
  const { headers } = request;
  if (request.method !== "GET") {
    return { status: 405, text: "A WebSocket is opened with GET." };
  }
  if (request.httpVersion !== "1.1") {
    return { status: 400, text: "A WebSocket needs HTTP/1.1." };
  }
  if (!hasToken(headers.upgrade, "websocket") || !hasToken(headers.connection, "upgrade")) {
    return { status: 426, text: "Only an upgrade to websocket is possible here." };
  }
  if (headers["sec-websocket-version"] !== version) {
    return { status: 426, text: "Only version 13 of the WebSocket protocol is spoken here." };
  }
  const key = headers["sec-websocket-key"];
  if (key === undefined || !keyForm.test(key)) {
    return { status: 400, text: "Sec-WebSocket-Key must be 16 bytes in base64." };
  }
  const subprotocols = readSubprotocols(headers["sec-websocket-protocol"]);
  if (subprotocols === undefined) {
    return { status: 400, text: "Sec-WebSocket-Protocol must be a list of different tokens." };
  }
  return { key, subprotocols };
}

function readSubprotocols(header: string | undefined): string[] | undefined {
  if (header === undefined) return [];
  const names = header.split(",").map((name) => name.trim());
  const isGood =
    names.every((name) => tokenForm.test(name)) && new Set(names).size === names.length;
  return isGood ? names : undefined;
}

/** The value that proves to the client that its handshake was understood (RFC 6455, 4.2.2). */
export function acceptKey(key: string): string {
  return hash("sha1", key + guid, "base64");
}

/** The answer that opens the connection. No extension is ever accepted. */
export function upgradeResponse(offer: UpgradeOffer, subprotocol: string | undefined): string {
  const protocol = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${acceptKey(offer.key)}\r\n${protocol}\r\n`
  );
}

/** The answer that refuses an upgrade and ends the connection. */
export function refusalResponse(refusal: HttpRefusal): string {
  const body = `${refusal.text}\n`;
  const extra =
    refusal.status === 426
      ? `Sec-WebSocket-Version: ${version}\r\nUpgrade: websocket\r\n`
      : refusal.status === 405
        ? "Allow: GET\r\n"
        : "";
  return (
    `HTTP/1.1 ${refusal.status} ${statusText[refusal.status]}\r\nConnection: close\r\n${extra}` +
    "Content-Type: text/plain; charset=utf-8\r\n" +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
