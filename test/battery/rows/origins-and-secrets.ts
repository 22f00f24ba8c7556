import { hashPassword, systemRandom } from "../../../packages/omnibus/src/server/index.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { CliHome } from "../../cli/cli-home.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { RawConnection, upgradeRequest } from "../stage/raw-connection.ts";
import { authFrame, helloFrame, NativeByHand } from "../stage/native-by-hand.ts";
import { openBus } from "../../../packages/omnibus/src/index-node.ts";

const allowed = "https://app.example.com";

/** Only the very origin opens a WebSocket. */
export const originsRow: Row = {
  name: "origins",
  what: "a WebSocket is opened for no origin, the server's own and configured ones, exact matches only; others get 403 with the setting's name",
  tiers: { 0: "all", 1: "all" },
  isQuick: true,
  run: async () => {
    await using server = await BatteryServer.start({
      args: ["--log-level", "error", "--allow-origin", allowed],
    });
    const { port } = server;
    // The scheme of the own one may differ: a proxy may end TLS.
    const good = [undefined, `http://127.0.0.1:${port}`, `https://127.0.0.1:${port}`, allowed];
    const bad = [
      "null",
      "",
      "https://evil.example",
      "http://app.example.com",
      "https://app.example.com.evil.example",
      "https://evil-app.example.com",
      "https://app.example.com:8443",
      "https://app.example.com/",
      "https://app.example.com@evil.example",
      "https://evil.example/https://app.example.com",
      "https://APP.example.com.",
      `http://127.0.0.1:${port + 1}`,
      `http://127.0.0.1`,
      `http://127.0.0.1:${port}.evil.example`,
      `http://localhost.evil.example:${port}`,
      "file://",
      "chrome-extension://abcdef",
      "https://app.example.com https://evil.example",
      "*",
    ];
    const faults: string[] = [];
    for (const subprotocol of [undefined, "omnibus.v1"]) {
      for (const origin of [...good, ...bad]) {
        const connection = await RawConnection.open(port);
        const line = origin === undefined ? "" : `Origin: ${origin}\r\n`;
        // The own origin is that of the Host header.
        const request = upgradeRequest(subprotocol).replace(
          "Host: 127.0.0.1\r\n",
          `Host: 127.0.0.1:${port}\r\n${line}`,
        );
        connection.send(request);
        await connection.sees(/\r\n\r\n[^]*(\n|$)/);
        const answer = (await connection.hangUp()).toString("latin1");
        const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
        const wanted = good.includes(origin) ? "101" : "403";
        if (status !== wanted)
          faults.push(
            `${origin ?? "no origin"} (${subprotocol ?? "JSON"}): ${status}, not ${wanted}`,
          );
        else if (status === "403" && !answer.includes("--allow-origin"))
          faults.push(`${origin}: the answer names no setting`);
      }
    }
    faults.push(...(await server.faults()));
    const observed = [`${good.length} good and ${bad.length} bad origins, JSON and native`];
    return { count: (good.length + bad.length) * 2, unit: "origins", observed, faults };
  },
};

/** What everybody knows starts no server. */
export const defaultSecretsRow: Row = {
  name: "default-secrets",
  what: "a server with a known or short secret, or open beyond this machine without credentials, does not start and says why",
  tiers: { 0: "all", 1: "all" },
  isQuick: true,
  run: async () => {
    await using home = new CliHome();
    const tries: readonly (readonly [
      what: string,
      args: readonly string[],
      env: Record<string, string>,
      says: RegExp,
    ])[] = [
      ["a_very_secret_key", [], { SERVER_JWT_SECRET: "a_very_secret_key" }, /a_very_secret_key/],
      ["default_secret", [], { OMNIBUS_SERVER_JWT_SECRET: "default_secret" }, /default_secret/],
      ["a short secret", [], { SERVER_JWT_SECRET: "x".repeat(31) }, /31 bytes/],
      ["no secret at all", [], { SERVER_JWT_SECRET: " " }, /server\.jwt_secret|bytes/],
      ["0.0.0.0 without credentials", ["--host", "0.0.0.0"], {}, /server\.users/],
      [":: without credentials", ["--host", "::"], {}, /server\.users/],
      [
        "0.0.0.0 with a short token",
        ["--host", "0.0.0.0"],
        { OMNIBUS_SERVER_TOKENS: "short" },
        /16 bytes/,
      ],
      [
        "0.0.0.0 with a token of examples",
        ["--host", "0.0.0.0"],
        { OMNIBUS_SERVER_TOKENS: "supersecrettoken" },
        /supersecrettoken/,
      ],
    ];
    const faults: string[] = [];
    for (const [what, args, env, says] of tries) {
      const { code, stderr, stdout } = await home.run(["serve", "--port", "0", ...args], { env });
      if (code !== 1) faults.push(`${what}: ends with ${code}`);
      if (!says.test(stderr)) faults.push(`${what}: says ${stderr.slice(0, 200)}`);
      if (stderr.trim().split("\n").length !== 1)
        faults.push(`${what}: says more than a sentence: ${stderr}`);
      if (stdout.includes("listening")) faults.push(`${what}: listens`);
    }
    return { count: tries.length, unit: "starts", observed: [], faults };
  },
};

/** Nothing that was used as a secret is ever seen again. */
export const secretsInLogsRow: Row = {
  name: "secrets-in-logs",
  what: "of a run with every kind of secret none is found in the log (debug), the pages, the metrics, errors or --print-config",
  tiers: { 0: "once", 1: "once" },
  isQuick: true,
  run: async () => {
    const password = "the-password-that-nobody-must-see";
    const jwtSecret = "the-jwt-secret-that-nobody-must-see-0123456789";
    const token = "the-static-token-that-nobody-must-see";
    const hash = await hashPassword(password, systemRandom);
    const config = `[server]\njwt_secret = "${jwtSecret}"\ntokens = ["${token}"]\n[server.users.ada]\npassword_hash = "${hash}"\n`;
    await using server = await BatteryServer.start({ config, args: ["--log-level", "debug"] });
    const { port } = server;
    const wrong = "a-wrong-password-that-nobody-must-see";
    const wrongToken = "a-wrong-token-that-nobody-must-see";
    const seen: string[] = [];
    using peer = await JsonPeer.open(port);
    const login = await peer.ask({ type: "login", username: "ada", password });
    const jwt = typeof login["token"] === "string" ? login["token"] : "none";
    await peer.ask({ type: "auth", token: jwt });
    seen.push(JSON.stringify(await peer.ask({ type: "login", username: "ada", password: wrong })));
    for (const bad of [wrongToken, `${jwt}x`]) {
      using other = await JsonPeer.open(port);
      seen.push(JSON.stringify(await other.ask({ type: "auth", token: bad })));
      const native = await NativeByHand.open(port, "tcp");
      native.send(helloFrame, authFrame(bad));
      await native.hears(/^bye/m);
      seen.push(native.connection.answer.toString("latin1"));
    }
    for (const shown of [token, jwt, server.token]) {
      const bus = await openBus({
        connect: server.url,
        credentials: { kind: "token", token: shown },
      });
      await bus.close();
    }
    using bad = await JsonPeer.open(port);
    seen.push(JSON.stringify(await bad.ask(`{"type":"auth","token":"${wrongToken}`)));
    for (const path of ["", "metrics", "healthz", `?token=${wrongToken}`, `${wrongToken}`]) {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      seen.push(await response.text());
    }
    const print = await server.home.run([
      "serve",
      "--print-config",
      "--config",
      `${server.home.path}/battery.toml`,
    ]);
    seen.push(print.stdout, print.stderr);
    await server.end();
    seen.push(server.output);
    const secrets = {
      password,
      jwtSecret,
      token,
      jwt,
      hash,
      wrong,
      wrongToken,
      localToken: server.token,
    };
    const text = seen.join("\n");
    const faults = Object.entries(secrets)
      .filter(([, value]) => value.length < 16 || text.includes(value))
      .map(([name]) => `${name} is seen, or was none`);
    const observed = [
      `${text.length.toLocaleString("en")} characters searched for ${Object.keys(secrets).length} secrets`,
    ];
    return { count: Object.keys(secrets).length, unit: "secrets", observed, faults };
  },
};
