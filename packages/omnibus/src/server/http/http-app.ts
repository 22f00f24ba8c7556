import { createServer, type Server } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { systemClock } from "../../base/index.ts";
import type { Metrics } from "../metrics.ts";
import { hostRefusal, type HostRules, judgeHost } from "./origin.ts";
import { RequestLimit } from "./request-limit.ts";
import { serverVersion, versionHeader } from "./server-version.ts";
import { SharedText } from "./shared-text.ts";
import { consolePage } from "../page/console-page.ts";

export interface HttpAppOptions {
  readonly metrics: Metrics;
  /** Which names requests may ask for. */
  readonly hostRules: HostRules;
  /** Whether new work is taken: false while draining. */
  readonly isReady: () => boolean;
}

type Env = { Bindings: HttpBindings };

/** The pages and APIs of the server. Nothing of it keeps a connection or a secret. */
function createHttpApp({ metrics, hostRules, isReady }: HttpAppOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (context, next) => {
    const { socket } = context.env.incoming;
    const host = context.req.header("host");
    if (judgeHost(host, socket.localAddress ?? "", hostRules) === "refused") {
      return context.text(`${hostRefusal(host)}\n`, 403);
    }
    await next();
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    return undefined;
  });
  app.get("/", (context) => {
    context.header("Content-Security-Policy", consolePage.policy);
    context.header("Cache-Control", "no-cache");
    return context.html(consolePage.html);
  });
  const version = serverVersion();
  app.get("/healthz", (context) => context.text("ok\n", 200, { [versionHeader]: version }));
  app.get("/readyz", (context) =>
    isReady() ? context.text("ready\n") : context.text("draining\n", 503),
  );
  // What it spares is the processor's time: also where the server's own clock stands still, in tests.
  const metricsText = new SharedText(systemClock, () => metrics.text());
  app.get("/metrics", async (context) => {
    const text = await metricsText.bytes();
    return context.body(text, 200, { "Content-Type": metrics.contentType });
  });
  app.notFound((context) => context.text("There is nothing here.\n", 404));
  return app;
}

/** The same as a server of node:http that does not listen itself. */
export function createHttpServer(options: HttpAppOptions): Server {
  const listener = getRequestListener(createHttpApp(options).fetch);
  const limit = new RequestLimit();
  const server = createServer(
    {
      keepAliveTimeout: 5000,
      requestTimeout: 30_000,
      headersTimeout: 10_000,
      // How often both are looked at; by default so seldom that 10 s may become 40.
      connectionsCheckingInterval: 1000,
      // Other upgrades, such as to h2c, are offers that may be ignored (RFC 9110, 7.8).
      shouldUpgradeCallback: ({ headers }) => /\bwebsocket\b/i.test(headers.upgrade ?? ""),
    },
    (request, response) => {
      limit.taken(request.socket, response);
      return listener(request, response);
    },
  );
  server.maxRequestsPerSocket = limit.max;
  server.on("dropRequest", (_request, socket) => limit.dropped(socket));
  return server;
}
