import type { Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { type Clock, defaultHandshakeMs, OmnibusError } from "../../base/index.ts";
import { Sweep } from "../sweep.ts";
import { Answers } from "./answers.ts";
import { Deadlines } from "./deadlines.ts";
import { dismiss } from "./dismiss.ts";
import { Doorstep, type DoorstepOptions } from "./doorstep.ts";
import { openingOf } from "./first-byte.ts";
import { listenError } from "./listen-error.ts";

/** What is known of a native connection when it is handed over. */
export interface NativeOpening {
  /** What was read of it already. */
  readonly firstBytes: Buffer;
  readonly isEncrypted: boolean;
  /** When its TCP connection was accepted, TLS and all included. */
  readonly acceptedMs: number;
}

export interface PortOptions extends DoorstepOptions {
  /** An address or name, such as `127.0.0.1` or `::`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  /** PEM texts. With them nothing is served without TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Gets the connections that speak HTTP. It must not listen itself. */
  readonly http: HttpServer;
  /**
   * Gets the connections that speak neither HTTP nor TLS. The socket is paused, has no listeners and
   * nothing under way. Returns whether it was taken; who returns false has dismissed it, and it keeps its
   * place among the undecided until it is closed.
   */
  readonly native: (socket: Socket, opening: NativeOpening) => boolean;
  /** How long a connection may say nothing. Default: 10 s. */
  readonly firstByteTimeoutMs?: number;
  /**
   * How long after it was accepted a connection may take until its TLS handshake is done, and how long
   * until its first HTTP request is there. Default: 10 s.
   */
  readonly openingTimeoutMs?: number;
  /** How long the other side may take to read HTTP answers. Default: 30 s. */
  readonly answerTimeoutMs?: number;
}

/** A TCP port that serves HTTP, WebSocket, TLS and the native protocol alike (DESIGN 13.10). */
export interface Port {
  /** The port's real number. */
  readonly port: number;
  readonly host: string;
  readonly isEncrypted: boolean;
  /**
   * Since when the time of an HTTP connection runs that now asks for another protocol: it was accepted
   * then, or its last request came. From here on the caller watches over it, and counts it.
   */
  upgraded(socket: Socket): number;
  /** Accepts nothing more and cuts who has not said what it is. The others live on. */
  close(): void;
}

const useTls = "This port speaks TLS: use https: or wss:\n";
const plainToTls =
  "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n" +
  `Content-Length: ${useTls.length}\r\n\r\n${useTls}`;
const tooSlow = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";
const sweepPeriodMs = 1000;
const defaultAnswerMs = 30_000;

/** Begins to listen. Rejects with `connect-failed` (the address) or `bad-config` (the certificate). */
export async function openPort(options: PortOptions): Promise<Port> {
  const gate = new Gate(options);
  await gate.listen();
  return gate;
}

interface UnderTls {
  readonly socket: Socket;
  readonly acceptedMs: number;
  /** Its handshake is over. */
  readonly forget: () => void;
}

class Gate implements Port {
  readonly host: string;
  readonly #options: PortOptions;
  readonly #server: Server;
  readonly #tlsServer: TlsServer | undefined;
  /** Those that have not said anything yet. */
  readonly #undecided: Deadlines;
  /** Those whose TLS handshake or first HTTP request is under way. */
  readonly #opening: Deadlines;
  readonly #answers: Answers;
  readonly #doorstep: Doorstep;
  /** Those in their TLS handshake, by their address: the TLS server gives other objects. */
  readonly #underTls = new Map<string, UnderTls>();
  /** The TCP connection, which has the place, of the TLS connection in it. */
  readonly #tcpOf = new WeakMap<Socket, Socket>();
  /** When the last request of an HTTP connection came that may ask for more. */
  readonly #httpSinceMs = new WeakMap<Socket, number>();
  #port: number;

  constructor(options: PortOptions) {
    this.host = options.host;
    this.#options = options;
    this.#port = options.port;
    const sweep = new Sweep(options.clock, sweepPeriodMs);
    this.#undecided = new Deadlines(options.clock, sweep);
    this.#opening = new Deadlines(options.clock, sweep);
    this.#answers = new Answers(options.clock, sweep, options.answerTimeoutMs ?? defaultAnswerMs);
    this.#doorstep = new Doorstep(options);
    options.http.on("request", ({ socket }, response) => {
      this.#opening.settle(socket);
      this.#answers.begun(socket, response);
      this.#httpSinceMs.set(socket, options.clock.nowMs());
    });
    this.#tlsServer = options.tls === undefined ? undefined : this.#createTls(options.tls);
    // As node:http's own server is made.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.#doorstep.enter(socket)) this.#accept(socket, undefined);
    });
  }

  get port(): number {
    return this.#port;
  }

  get isEncrypted(): boolean {
    return this.#tlsServer !== undefined;
  }

  listen(): Promise<void> {
    const { host, port, http } = this.#options;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => reject(listenError(cause, host, port));
      this.#server.once("error", fail);
      this.#server.listen({ host, port, backlog: 4096 }, () => {
        this.#server.off("error", fail);
        this.#port = (this.#server.address() as AddressInfo).port;
        // Errors of single accepts (too many open files) must not end the server.
        this.#server.on("error", () => {});
        // Starts the HTTP server's watch over slow requests, which its own `listen` would start.
        http.emit("listening");
        resolve();
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#undecided.cutAll();
  }

  upgraded(socket: Socket): number {
    const sinceMs = this.#opening.sinceOf(socket) ?? this.#httpSinceMs.get(socket);
    this.#opening.settle(socket);
    this.#answers.forget(socket);
    this.#leave(socket);
    return sinceMs ?? this.#options.clock.nowMs();
  }

  #createTls(tls: { cert: string; key: string }): TlsServer {
    try {
      const server = createTlsServer({
        ...tls,
        ALPNProtocols: ["http/1.1"],
        handshakeTimeout: defaultHandshakeMs,
      });
      server.on("secureConnection", (socket) => {
        const under = this.#underTls.get(remoteOf(socket));
        under?.forget();
        if (under !== undefined) this.#tcpOf.set(socket, under.socket);
        this.#accept(socket, under?.acceptedMs ?? this.#options.clock.nowMs());
      });
      server.on("tlsClientError", (_error, socket) => socket.destroy());
      return server;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OmnibusError("bad-config", `the certificate and key do not work: ${why}`, {
        cause,
      });
    }
  }

  /** Waits for the first byte. `tlsSinceMs`: of one inside TLS, when its TCP connection was accepted. */
  #accept(socket: Socket, tlsSinceMs: number | undefined): void {
    const { clock, firstByteTimeoutMs = defaultHandshakeMs } = this.#options;
    const acceptedMs = tlsSinceMs ?? clock.nowMs();
    const cut = (): void => void socket.destroy();
    const decide = (chunk: Buffer): void => {
      this.#undecided.settle(socket);
      socket.off("error", cut).off("end", cut);
      socket.pause();
      const isEncrypted = tlsSinceMs !== undefined;
      this.#hand(socket, { firstBytes: chunk, isEncrypted, acceptedMs });
    };
    this.#undecided.await(socket, acceptedMs, firstByteTimeoutMs);
    socket.on("error", cut).on("end", cut).once("data", decide);
  }

  #hand(socket: Socket, native: NativeOpening): void {
    const { firstBytes, isEncrypted } = native;
    const opening = openingOf(firstBytes[0] as number);
    const isPlainByMistake = this.isEncrypted && !isEncrypted;
    if (opening === "tls") {
      if (this.#tlsServer === undefined || isEncrypted) socket.destroy();
      else this.#handToTls(socket, native, this.#tlsServer);
    } else if (isPlainByMistake) {
      dismiss(socket, opening === "http" ? plainToTls : "", this.#options.clock);
    } else if (opening === "http") {
      this.#handToHttp(socket, native);
    } else {
      const place = this.#leave(socket);
      if (!this.#options.native(socket, native) && !place.closed) this.#doorstep.enter(place);
    }
  }

  /** Gives up the place of `socket` and returns the connection that had it. */
  #leave(socket: Socket): Socket {
    const place = this.#tcpOf.get(socket) ?? socket;
    this.#tcpOf.delete(socket);
    this.#doorstep.leave(place);
    return place;
  }

  #handToTls(socket: Socket, { firstBytes, acceptedMs }: NativeOpening, server: TlsServer): void {
    const remote = remoteOf(socket);
    const forget = (): void => {
      this.#underTls.delete(remote);
      this.#opening.settle(socket);
      socket.off("close", forget);
    };
    this.#underTls.set(remote, { socket, acceptedMs, forget });
    socket.once("close", forget);
    this.#opening.await(socket, acceptedMs, this.#openingTimeoutMs);
    socket.unshift(firstBytes);
    server.emit("connection", socket);
  }

  #handToHttp(socket: Socket, { firstBytes, acceptedMs }: NativeOpening): void {
    this.#opening.await(socket, acceptedMs, this.#openingTimeoutMs, tooSlow);
    socket.unshift(firstBytes);
    this.#options.http.emit("connection", socket);
    socket.resume();
  }

  get #openingTimeoutMs(): number {
    return this.#options.openingTimeoutMs ?? defaultHandshakeMs;
  }
}

function remoteOf({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
