import net from "node:net";
import tls from "node:tls";
import { OmnibusError } from "../base/index.ts";
import type { Dialer, Link, Listener } from "../link/index.ts";
import { dialReason } from "./dial-reason.ts";
import { SocketLink } from "./tcp-link.ts";

/** The port of a native address that names none. */
const defaultPort = 8080;

/** Wraps a TCP or TLS socket that was accepted. `firstBytes` were read from it already. */
export function acceptTcp(socket: net.Socket, firstBytes?: Uint8Array): Link {
  const isIntegrityProtected = socket instanceof tls.TLSSocket;
  const options = { kind: "tcp", realm: "global", isIntegrityProtected } as const;
  return new SocketLink(socket, firstBytes === undefined ? options : { ...options, firstBytes });
}

/** Dials `tcp://host:port`, and `tls://host:port` with TLS. */
export const tcpDialer: Dialer = {
  schemes: ["tcp:", "tls:"],
  dial(url, options) {
    const isTls = url.protocol === "tls:";
    const host = url.hostname.replace(/^\[|\]$/gu, "");
    const port = url.port === "" ? defaultPort : Number(url.port);
    return new Promise((resolve, reject) => {
      const ca = options.ca === undefined ? {} : { ca: options.ca };
      const servername = net.isIP(host) === 0 ? { servername: host } : {};
      const socket = isTls
        ? tls.connect({ host, port, ...ca, ...servername })
        : net.connect({ host, port });
      const abort = (): void => void socket.destroy(new Error("given up"));
      options.signal?.addEventListener("abort", abort, { once: true });
      socket.once("error", (cause) => {
        options.signal?.removeEventListener("abort", abort);
        reject(
          new OmnibusError(
            "connect-failed",
            `${url.href} cannot be reached: ${dialReason(cause, isTls)}`,
            {
              cause,
            },
          ),
        );
      });
      socket.once(isTls ? "secureConnect" : "connect", () => {
        options.signal?.removeEventListener("abort", abort);
        socket.removeAllListeners("error");
        resolve(acceptTcp(socket));
      });
    });
  },
};

/** Listens for native links on a TCP port of its own; `port` 0 takes a free one. */
export function listenTcp(
  options: { readonly host: string; readonly port: number },
  onLink: (link: Link) => void,
): Promise<Listener> {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => onLink(acceptTcp(socket)));
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new OmnibusError(
          "connect-failed",
          `cannot listen on ${options.host}:${options.port}: ${cause.message}`,
          { cause },
        ),
      );
    });
    server.listen(options.port, options.host, () => {
      const { port } = server.address() as net.AddressInfo;
      const host = options.host.includes(":") ? `[${options.host}]` : options.host;
      resolve({
        url: `tcp://${host}:${port}`,
        close: () => new Promise((closed) => void server.close(() => closed())),
      });
    });
  });
}
