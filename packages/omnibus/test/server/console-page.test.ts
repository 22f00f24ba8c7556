import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import {
  ConsoleStage,
  launchChromium,
  logIn,
  publish,
  subscribe,
  waitForState,
  withoutChromium as skip,
} from "./console-stage.ts";

let browser: Browser;

before(async () => {
  if (skip === false) browser = await launchChromium();
});
after(async () => {
  if (skip === false) await browser.close();
});

test("two pages log in, subscribe, publish and see each other's messages", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const [ada, bob] = [await stage.page(), await stage.page()];
  for (const page of [ada, bob]) {
    await logIn(page);
    await waitForState(page, "open");
    await subscribe(page, "chat/**");
  }
  await publish(ada, "chat/general", '{"text":"hi"}');
  for (const page of [ada, bob]) {
    const line = page.locator("#messages li");
    await line.waitFor();
    assert.match(await line.innerText(), /chat\/general\s+\{"text":"hi"\}/);
  }
  await bob.getByRole("button", { name: "Unsubscribe from chat/**" }).click();
  await bob.getByText("unsubscribed from chat/**").waitFor();
  await publish(ada, "chat/general", "without bob");
  await ada.getByText("2 received").waitFor();
  assert.equal(await bob.locator("#messages li").count(), 1);
});

test("markup in topics and payloads is shown as it is written", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page();
  await logIn(page);
  await waitForState(page, "open");
  await subscribe(page, "<b>/**");
  const payload = `<img src=x onerror="document.title='bad'"><script>document.title='bad'</script>`;
  await publish(page, "<b>/<i>x<\u2044i>", payload);
  await page.locator("#messages li").waitFor();
  assert.equal(await page.locator("#messages .payload").innerText(), payload);
  assert.equal(await page.locator("#messages :is(img, script, b, i)").count(), 0);
  assert.equal(await page.locator("#topics :is(b)").count(), 0);
  assert.equal(await page.title(), "Omnibus");
});

test("a script that gets into the page all the same is not run", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page({}, /TrustedHTML/);
  const blocked = await page.evaluate(() => {
    try {
      document.body.innerHTML = "<img src=x onerror=alert(1)>";
      return "";
    } catch (error) {
      return String(error);
    }
  });
  assert.match(blocked, /TrustedHTML/);
});

test("a wrong password is told, and the right one works after it", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page();
  assert.equal(await waitForState(page, "idle"), "not connected");
  await logIn(page, "admin", "wrong");
  assert.equal(await waitForState(page, "refused"), "invalid credentials");
  assert.ok(await page.locator("#payload").isDisabled());
  await logIn(page);
  await waitForState(page, "open");
  assert.equal(await page.locator("#password").inputValue(), "", "the password is not kept");
  await page.getByRole("button", { name: "Log out" }).click();
  await waitForState(page, "idle");
  assert.ok(await page.locator("#payload").isDisabled());
});

test(
  "who is nobody gets in where anonymous clients may, and is told where not",
  { skip },
  async () => {
    await using stage = await ConsoleStage.open(browser);
    const page = await stage.page();
    await page.getByLabel("nobody").check();
    await page.click("#login");
    assert.equal(await waitForState(page, "refused"), "must authenticate first");
    await stage.stop();
    await stage.start({ "server.anonymous": { subscribe: ["**"] } });
    const other = await stage.page();
    await other.getByLabel("nobody").check();
    await other.click("#login");
    await waitForState(other, "open");
    await subscribe(other, "chat/**");
  },
);

test("a token lets in, and a wrong one is refused", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser, {
    "server.tokens": ["a-token-of-the-test"],
  });
  const page = await stage.page();
  await page.getByLabel("token", { exact: true }).first().check();
  for (const [token, state] of [
    ["wrong", "refused"],
    ["a-token-of-the-test", "open"],
  ] as const) {
    await page.locator("#token").fill(token);
    await page.click("#login");
    await waitForState(page, state);
  }
});

test(
  "when the server goes and comes back, the page does too, with its subscriptions",
  { skip },
  async () => {
    await using stage = await ConsoleStage.open(browser);
    const page = await stage.page();
    await logIn(page);
    await waitForState(page, "open");
    await subscribe(page, "chat/**");
    const again = await stage.stop();
    assert.match(await waitForState(page, "lost"), /connection lost/);
    assert.ok(await page.locator("#payload").isDisabled());
    await again();
    await waitForState(page, "open");
    await publish(page, "chat/general", "after");
    assert.match(await page.locator("#messages li").innerText(), /after/);
  },
);

test(
  "a connection that is lost again before subscriptions stand keeps them",
  { skip },
  async () => {
    await using stage = await ConsoleStage.open(browser);
    const page = await stage.page();
    let connections = 0;
    let lose = (): unknown => undefined;
    const isThird = Promise.withResolvers<void>();
    await page.routeWebSocket(/./, (route) => {
      const isLostAgain = ++connections === 2;
      if (connections === 3) isThird.resolve();
      const server = route.connectToServer();
      lose = () => route.close({ code: 1012, reason: "lost" });
      route.onMessage((message) => {
        if (isLostAgain && String(message).includes('"subscribe"')) void lose();
        else server.send(message);
      });
    });
    await page.reload();
    await logIn(page);
    await waitForState(page, "open");
    await subscribe(page, "chat/**");
    await lose();
    await isThird.promise;
    await waitForState(page, "open");
    await publish(page, "chat/general", "after");
    assert.match(await page.locator("#messages li").innerText(), /after/);
  },
);

test("what the server refuses is told beside the form that asked", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page();
  await logIn(page);
  await waitForState(page, "open");
  await page.locator("#pattern").fill("a/**/b");
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await page
    .locator("#subscribe-said[data-good=false]")
    .getByText(/^bad topic/)
    .waitFor();
  assert.equal(await page.locator("#topics li").count(), 0);
  await page.locator("#topic").fill("a/*");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page
    .locator("#publish-said[data-good=false]")
    .getByText(/^bad topic/)
    .waitFor();
});

test("as many messages are replayed as were asked for", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page();
  await logIn(page);
  await waitForState(page, "open");
  for (const payload of ["1", "2", "3"]) await publish(page, "chat/general", payload);
  await subscribe(page, "chat/*", "2");
  await page.getByText("2 received").waitFor();
  assert.deepEqual(await page.locator("#messages .payload").allInnerTexts(), ["3", "2"]);
});

test("QoS 1 is acknowledged by itself or, if wanted, by a button", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page();
  await logIn(page);
  await waitForState(page, "open");
  await subscribe(page, "chat/**");
  await page.getByLabel("until acknowledged").check();
  await publish(page, "chat/general", "one");
  await page.locator("#messages li").getByText("acknowledged", { exact: true }).waitFor();
  await page.getByLabel("acknowledge by itself").uncheck();
  await page.getByText("Message id", { exact: true }).click();
  await page.getByRole("textbox", { name: "Message id" }).fill("mine");
  await publish(page, "chat/general", "two");
  await page.getByRole("button", { name: "Acknowledge mine" }).click();
  const first = page.locator("#messages li").first();
  await first.getByText("acknowledged", { exact: true }).waitFor();
  assert.equal(await first.getByRole("button").count(), 0);
});

test(
  "of a thousand messages the last 500 are shown, in order, and all are counted",
  { skip },
  async () => {
    await using stage = await ConsoleStage.open(browser);
    const page = await stage.page();
    await logIn(page);
    await waitForState(page, "open");
    await subscribe(page, "flood");
    await page.evaluate(async () => {
      const socket = new WebSocket(location.origin.replace("http", "ws"));
      const say = (message: object): void => socket.send(JSON.stringify(message));
      await new Promise<void>((done) => {
        socket.onopen = (): void => say({ type: "login", username: "admin", password: "password" });
        socket.onmessage = ({ data }: MessageEvent<string>): void => {
          const { type, token } = JSON.parse(data) as Record<string, unknown>;
          if (type === "login_response") say({ type: "auth", token });
          else done();
        };
      });
      for (let payload = 1; payload <= 1000; payload++)
        say({ type: "publish", topic: "flood", payload });
    });
    await page.getByText("1000 received, 500 shown").waitFor();
    const shown = await page.locator("#messages .payload").allInnerTexts();
    assert.deepEqual(
      shown,
      Array.from({ length: 500 }, (_, at) => String(1000 - at)),
    );
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("none yet").waitFor();
    assert.equal(await page.locator("#messages li").count(), 0);
  },
);

test("the keyboard alone logs in, subscribes and publishes", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page();
  await page.locator("#user").focus();
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type("password");
  await page.keyboard.press("Enter");
  await waitForState(page, "open");
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
  assert.equal(await focused(), "pattern");
  await page.keyboard.press("Enter");
  await page.locator("#topics li").waitFor();
  for (let presses = 0; presses < 10 && (await focused()) !== "payload"; presses++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Control+Enter");
  await page.locator("#messages li").getByText("Hello world!").waitFor();
});

test("every field has a name, and nothing is wider than a small phone", { skip }, async () => {
  await using stage = await ConsoleStage.open(browser);
  const page = await stage.page({ viewport: { width: 320, height: 640 } });
  await logIn(page);
  await waitForState(page, "open");
  await subscribe(page, `chat/${"x".repeat(200)}/**`);
  await publish(page, `chat/${"x".repeat(200)}/y`, "z".repeat(500));
  await page.locator("#messages li").waitFor();
  const [unnamed, overhang] = await page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea, select")];
    const without = fields.filter(
      ({ labels, ariaLabel }) => (labels?.length ?? 0) === 0 && ariaLabel === null,
    );
    return [without.map(({ id }) => id), document.documentElement.scrollWidth - innerWidth];
  });
  assert.deepEqual(unnamed, []);
  assert.ok(overhang <= 0, `${overhang} px too wide`);
});
