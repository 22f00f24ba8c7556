import { hash } from "node:crypto";
import { consoleStyle } from "./console-style.ts";
import { ConsoleConnection } from "./script/connection.ts";
import { Console } from "./script/console.ts";
import { MessageList } from "./script/message-list.ts";

const parts = [ConsoleConnection, MessageList, Console].map(String);
const script = `"use strict";\n${parts.join("\n")}\nnew Console();`;

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Omnibus</title>
<style>${consoleStyle}</style>
</head>
<body>
<header>
  <h1>Omnibus</h1>
  <p>A message bus runs here: <code id="address"></code></p>
  <p id="state" role="status" data-state="idle"></p>
</header>
<noscript><p>The console needs JavaScript. Everything else here works without it.</p></noscript>
<main>
  <section aria-labelledby="h-login">
    <h2 id="h-login">Log in</h2>
    <form id="login-form">
      <fieldset class="ways">
        <legend>As whom</legend>
        <label><input type="radio" name="way" value="password" checked> user</label>
        <label><input type="radio" name="way" value="token"> token</label>
        <label><input type="radio" name="way" value="nobody"> nobody</label>
      </fieldset>
      <div id="with-password">
        <label for="user">User</label>
        <input id="user" required autocomplete="username" autocapitalize="none" spellcheck="false">
        <label for="password">Password</label>
        <input id="password" type="password" required autocomplete="current-password">
      </div>
      <div id="with-token" hidden>
        <label for="token">Token</label>
        <input id="token" type="password" required disabled autocomplete="off" spellcheck="false">
      </div>
      <button id="login" class="main">Log in</button>
      <p class="hint">Where nobody is configured, <code>admin</code> with <code>password</code> may, from this machine.</p>
    </form>
    <div id="inside" hidden>
      <p class="hint">The page comes back by itself when the connection is lost. It keeps nothing once it is closed.</p>
      <button id="leave" type="button">Log out</button>
    </div>
  </section>
  <section aria-labelledby="h-subscribe">
    <h2 id="h-subscribe">Subscribe</h2>
    <fieldset id="subscribe" disabled>
      <form id="subscribe-form">
        <label for="pattern">Topic or pattern</label>
        <input id="pattern" value="chat/**" required autocapitalize="none" spellcheck="false" aria-describedby="pattern-hint">
        <p class="hint" id="pattern-hint"><code>*</code> is any one segment, <code>**</code> at the end any number.</p>
        <label for="replay">Messages to replay, of each topic</label>
        <input id="replay" type="number" min="0" step="1" inputmode="numeric" placeholder="as the server does">
        <button class="main">Subscribe</button>
        <p class="said" id="subscribe-said" role="status"></p>
      </form>
      <ul id="topics" aria-label="Subscriptions"></ul>
    </fieldset>
  </section>
  <section aria-labelledby="h-publish">
    <h2 id="h-publish">Publish</h2>
    <fieldset id="publish" disabled>
      <form id="publish-form">
        <label for="topic">Topic</label>
        <input id="topic" value="chat/general" required autocapitalize="none" spellcheck="false">
        <label for="payload">Payload <span class="hint" id="kind"></span></label>
        <textarea id="payload" rows="3" spellcheck="false" aria-describedby="payload-hint">Hello world!</textarea>
        <p class="hint" id="payload-hint">Ctrl and Enter publish.</p>
        <label class="check"><input id="qos" type="checkbox"> until acknowledged (QoS 1)</label>
        <details>
          <summary>Message id</summary>
          <input id="message-id" aria-label="Message id" placeholder="made by the server" autocapitalize="none" spellcheck="false">
        </details>
        <button class="main">Publish</button>
        <p class="said" id="publish-said" role="status"></p>
      </form>
    </fieldset>
  </section>
  <section class="wide" aria-labelledby="h-messages">
    <div class="bar">
      <h2 id="h-messages">Messages</h2>
      <span class="hint" id="count">none yet</span>
      <label class="check"><input id="automatic" type="checkbox" checked autocomplete="off"> acknowledge by itself</label>
      <button id="clear" type="button">Clear</button>
    </div>
    <ul id="messages" role="log" aria-live="off" aria-labelledby="h-messages" tabindex="0" data-acknowledges="true"></ul>
  </section>
</main>
<footer>
  <p>Programs speak JSON over WebSocket at any path, or the native protocol, at this port. From a terminal, in the folder of the clone: <code>npx omnibus sub 'chat/**'</code></p>
  <p>For machines: <a href="/healthz">healthz</a> <a href="/readyz">readyz</a> <a href="/metrics">metrics</a></p>
</footer>
<script>${script}</script>
</body>
</html>
`;

function sourceOf(text: string): string {
  return `'sha256-${hash("sha256", text, "base64")}'`;
}

/**
 * The page at `/`: what runs here, and a console for the JSON protocol. It stands alone, and its policy
 * lets it run nothing but its own script and talk to nobody but this server.
 */
export const consolePage: { readonly html: string; readonly policy: string } = {
  html,
  policy: [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(consoleStyle)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
};
