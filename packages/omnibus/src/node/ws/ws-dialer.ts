import { randomBytes } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { type Clock, OmnibusError, systemClock } from "../../base/index.ts";
import { type Dialer, type Link, nativeSubprotocol } from "../../link/index.ts";
import { dialReason } from "../dial-reason.ts";
import { WebSocketConnection } from "./connection.ts";
import { acceptKey } from "./handshake.ts";
import { WebSocketHost } from "./host.ts";
import { WebSocketLink } from "./ws-link.ts";

/** A server is trusted to send large frames. */
const maxMessageBytes = 128 * 1024 * 1024;

/**
 * Dials `ws:` and `wss:` from Node: as fast as our own server's end, with certificates of one's own
 * (`ca`, which the platform's client does not take), and able to slow the other side down.
 */
export function createNodeWebSocketDialer(options: { clock?: Clock } = {}): Dialer {
  const host = new WebSocketHost({
    clock: options.clock ?? systemClock,
    role: "client",
    maxMessageBytes,
  });
  return { schemes: ["ws:", "wss:"], dial: (url, how) => dial(host, url, how) };
}

function dial(
  host: WebSocketHost,
  url: URL,
  { signal, ca }: { signal?: AbortSignal; ca?: string | undefined },
): Promise<Link> {
  return new Promise((resolve, reject) => {
    const key = randomBytes(16).toString("base64");
    const request = upgradeRequest(url, key, ca);
    const giveUp = (): void => void request.destroy(new Error("given up"));
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    const fail = (why: string, cause?: unknown): void => {
      signal?.removeEventListener("abort", giveUp);
      const code = signal?.aborted === true ? "aborted" : "connect-failed";
      reject(new OmnibusError(code, `${url.href} cannot be reached: ${why}`, { cause }));
    };
    request.on("error", (error) => fail(dialReason(error, url.protocol === "wss:"), error));
    request.on("response", (response) => {
      void textOf(response).then((text) => fail(refusalOf(response, text)));
    });
    request.on("upgrade", (response, socket: Socket, head) => {
      const { headers } = response;
      if (headers["sec-websocket-accept"] !== acceptKey(key)) {
        socket.destroy();
        fail("its answer is not that of a WebSocket server");
      } else if (headers["sec-websocket-protocol"] !== nativeSubprotocol) {
        socket.destroy();
        fail(`it does not speak ${nativeSubprotocol}`);
      } else {
        signal?.removeEventListener("abort", giveUp);
        socket.setNoDelay(true);
        const isEncrypted = url.protocol === "wss:";
        const connection = new WebSocketConnection(host, socket, "");
        resolve(new WebSocketLink(connection, { remote: url.host, isEncrypted, head }));
      }
    });
    request.end();
  });
}

function upgradeRequest(url: URL, key: string, ca: string | undefined): ClientRequest {
  const target = new URL(url.href.replace(/^ws/, "http"));
  const options = {
    agent: false,
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Protocol": nativeSubprotocol,
    },
  };
  if (url.protocol === "ws:") return requestHttp(target, options);
  return requestHttps(target, ca === undefined ? options : { ...options, ca });
}

/** What a server that did not upgrade says: its sentence, but not a page. */
function refusalOf({ statusCode, headers }: IncomingMessage, text: string): string {
  const isPage =
    headers["content-type"]?.includes("html") === true || text.trimStart().startsWith("<");
  const line = text.trim().split("\n")[0] ?? "";
  return isPage
    ? `${statusCode}; it answers HTTP, and is no Omnibus server?`
    : `${statusCode} ${line}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  } catch {
    // The answer's beginning says enough.
  }
  return text.slice(0, 500);
}
