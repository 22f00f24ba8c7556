import { hash } from "node:crypto";
import { consoleScript } from "./console-script.ts";
import { consoleStyle } from "./console-style.ts";

const script = `(${consoleScript.toString()})();`;

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Omnibus</title>
<style>${consoleStyle}</style>
<header>
  <h1>Omnibus</h1>
  <p>A message bus runs here: <code id="address"></code></p>
  <span id="state" role="status"></span>
</header>
<main>
  <section>
    <h2>1. Log in</h2>
    <form id="login-form">
      <input id="user" placeholder="user" aria-label="user" autocomplete="username">
      <input id="password" type="password" placeholder="password" aria-label="password" autocomplete="current-password">
      <input id="token" placeholder="or a token" aria-label="token" autocomplete="off">
      <button>Log in</button>
    </form>
  </section>
  <section>
    <h2>2. Subscribe</h2>
    <fieldset id="subscribe" disabled>
      <form id="subscribe-form">
        <input id="pattern" value="chat/**" aria-label="topic or pattern">
        <button>Subscribe</button>
      </form>
      <div id="topics"></div>
    </fieldset>
  </section>
  <section>
    <h2>3. Publish</h2>
    <fieldset id="publish" disabled>
      <form id="publish-form">
        <input id="topic" value="chat/general" aria-label="topic">
        <input id="payload" value="Hello world!" aria-label="text or JSON">
        <label><input id="qos" type="checkbox"> until acknowledged (QoS 1)</label>
        <button>Publish</button>
      </form>
    </fieldset>
  </section>
  <section class="wide">
    <div class="row"><h2>Messages</h2><button id="clear" type="button">Clear</button></div>
    <ul id="messages" aria-live="polite"></ul>
  </section>
</main>
<footer>
  Programs: JSON over WebSocket at any path, the native protocol at the same port.
  From a terminal: <code>npx omnibus sub 'chat/**'</code>. For machines:
  <a href="/healthz">healthz</a>, <a href="/readyz">readyz</a>, <a href="/metrics">metrics</a>.
</footer>
<script>${script}</script>
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
