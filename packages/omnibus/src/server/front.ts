import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { type Clock, defaultMessageBytes } from "../base/index.ts";
import type { Adapter } from "../bus/index.ts";
import type { Link } from "../link/index.ts";
import { farewellFrame, frameSpareBytes } from "../session/index.ts";
import {
  dismiss,
  type NativeOpening,
  openPort,
  type Port,
  WebSocketConnection,
  WebSocketHost,
  type WebSocketHostOptions,
  WebSocketLink,
} from "../node/index.ts";
import { hostInUrl, limitedGroup, plainAddress } from "./address.ts";
import { Admission, type Admitted, type AdmissionLimits } from "./admission.ts";
import { CountedLink } from "./counted-link.ts";
import { createHttpServer } from "./http/http-app.ts";
import type { HostRules } from "./http/origin.ts";
import type { Metrics } from "./metrics.ts";
import { unadmittedError } from "./refusals.ts";
import { judgeUpgrade, type Upgrade } from "./upgrade.ts";
import { WebSocketConversation } from "./ws-conversation.ts";

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly limits: AdmissionLimits;
  readonly allowedOrigins: readonly string[];
  readonly webSocket: Omit<WebSocketHostOptions, "clock">;
  readonly firstByteTimeoutMs?: number;
  /** Serves conversations in JSON. */
  readonly json: Adapter;
  /** Takes native links. */
  readonly native: (link: Link) => void;
}

/** All that can be connected to: one port, its protocols, and who is connected. */
export interface Front {
  readonly host: string;
  /** The real number. */
  readonly port: number;
  /** `ws://127.0.0.1:8080` */
  readonly url: string;
  /** Connections of all protocols. */
  readonly connections: number;
  /** Takes no more connections and no more work; `/readyz` says so. */
  stopAccepting(): void;
  /** Tells all conversations that we go away, sends what waits, and resolves when they are gone. */
  drain(): Promise<void>;
  /** Ends at once what is left. */
  destroy(): void;
}

const minUndecidedPerAddress = 1024;

/** Listens. Rejects as `openPort` does. */
export async function openFront(options: FrontOptions): Promise<Front> {
  const front = new OpenFront(options);
  await front.listen();
  return front;
}

class OpenFront implements Front {
  readonly #options: FrontOptions;
  readonly #webSockets: WebSocketHost;
  readonly #nativeWebSockets: WebSocketHost;
  readonly #admission: Admission;
  readonly #http: Server;
  readonly #conversations = new Set<WebSocketConversation>();
  #port: Port | undefined;
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: FrontOptions) {
    this.#options = options;
    const { clock, webSocket } = options;
    this.#webSockets = new WebSocketHost({ clock, ...webSocket });
    this.#nativeWebSockets = new WebSocketHost({
      clock,
      ...webSocket,
      maxMessageBytes: (webSocket.maxMessageBytes ?? defaultMessageBytes) + frameSpareBytes,
    });
    this.#admission = new Admission(options.limits);
    this.#http = createHttpServer({
      metrics: options.metrics,
      hostRules: this.#hostRules,
      isReady: () => !this.#isDraining,
    });
    this.#http.on("upgrade", (request, socket: Socket, head) =>
      this.#upgrade(request, socket, head),
    );
    options.metrics.show({
      name: "connections",
      help: "Connections of all protocols",
      kind: "gauge",
      read: () => this.connections,
    });
  }

  async listen(): Promise<void> {
    const { host, port, tls, clock, firstByteTimeoutMs, metrics, limits } = this.#options;
    this.#port = await openPort({
      host,
      port,
      clock,
      http: this.#http,
      native: (socket, opening) => this.#native(socket, opening),
      // Never fewer than may be admitted: they may all come back at once.
      maxUndecidedPerAddress: Math.max(minUndecidedPerAddress, limits.maxPerAddress),
      countedAs: limitedGroup,
      onNoPlace: (why) => metrics.refused(why),
      ...(tls && { tls }),
      ...(firstByteTimeoutMs !== undefined && { firstByteTimeoutMs }),
    });
  }

  get #hostRules(): HostRules {
    return { ownHost: this.host, allowedOrigins: this.#options.allowedOrigins };
  }

  get host(): string {
    return this.#options.host;
  }

  get port(): number {
    return this.#port?.port ?? this.#options.port;
  }

  get url(): string {
    const scheme = this.#options.tls === undefined ? "ws" : "wss";
    return `${scheme}://${hostInUrl(this.host)}:${this.port}`;
  }

  get connections(): number {
    return this.#admission.count;
  }

  stopAccepting(): void {
    this.#isDraining = true;
    this.#port?.close();
    this.#http.closeIdleConnections();
  }

  drain(): Promise<void> {
    this.stopAccepting();
    for (const conversation of this.#conversations) conversation.close("going-away");
    if (this.#conversations.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  destroy(): void {
    this.stopAccepting();
    for (const conversation of this.#conversations) conversation.destroy();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { metrics, clock } = this.#options;
    const upgrade = judgeUpgrade(request, socket, {
      clock,
      admission: this.#admission,
      metrics,
      hostRules: this.#hostRules,
      isDraining: () => this.#isDraining,
    });
    // Who is refused keeps his place on the doorstep until he is gone.
    if (upgrade === undefined) return;
    const acceptedMs = this.#port?.upgraded(socket);
    metrics.accepted(upgrade.isNative ? "native-ws" : "json");
    const remotePort = socket.remotePort;
    const webSockets = upgrade.isNative ? this.#nativeWebSockets : this.#webSockets;
    const connection = new WebSocketConnection(webSockets, socket, upgrade.response);
    if (!upgrade.isNative) this.#converse(connection, { ...upgrade, acceptedMs }, head);
    else {
      const { admitted } = upgrade;
      const link = new WebSocketLink(connection, {
        remote: remoteOf(admitted, remotePort),
        origin: upgrade.foreignOrigin,
        acceptedMs,
        isEncrypted: this.#options.tls !== undefined,
        head,
        onClosed: () => admitted.leave(),
      });
      this.#options.native(link);
    }
  }

  #converse(
    connection: WebSocketConnection,
    upgrade: Upgrade & { readonly acceptedMs: number | undefined },
    head: Buffer,
  ): void {
    const conversation = new WebSocketConversation(connection, {
      admitted: upgrade.admitted,
      path: upgrade.path,
      origin: upgrade.foreignOrigin,
      acceptedMs: upgrade.acceptedMs,
      onClosed: this.#forget,
    });
    this.#conversations.add(conversation);
    conversation.open(this.#options.json(conversation), head);
  }

  // One function for all conversations.
  readonly #forget = (conversation: WebSocketConversation): void => {
    this.#conversations.delete(conversation);
    if (this.#conversations.size > 0) return;
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  };

  #native(socket: Socket, { firstBytes, isEncrypted, acceptedMs }: NativeOpening): boolean {
    const { metrics, clock } = this.#options;
    const admitted = this.#isDraining
      ? "draining"
      : this.#admission.admit(plainAddress(socket.remoteAddress ?? ""));
    if (typeof admitted === "string") {
      metrics.refused(admitted);
      dismiss(socket, farewellFrame(unadmittedError(admitted)), clock);
      return false;
    }
    metrics.accepted("native-tcp");
    const options = {
      kind: "tcp",
      realm: "global",
      isIntegrityProtected: isEncrypted,
      firstBytes,
      acceptedMs,
    } as const;
    this.#options.native(new CountedLink(socket, options, () => admitted.leave()));
    return true;
  }
}

function remoteOf({ address }: Admitted, port: number | undefined): string {
  return `${hostInUrl(address)}:${port ?? 0}`;
}
