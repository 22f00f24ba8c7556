/**
 * What the page runs in the browser. Sent as its own source text, so it must stand alone: it may use
 * nothing from outside of itself but the browser.
 */
export function consoleScript(): void {
  type Reply = Record<string, unknown>;

  const find = <Found extends HTMLElement>(id: string): Found =>
    document.getElementById(id) as Found;
  const input = (id: string): HTMLInputElement => find<HTMLInputElement>(id);
  const maxShown = 500;
  const url = location.origin.replace(/^http/, "ws");
  const topics = new Set<string>();
  let socket: WebSocket | undefined;
  let token = "";
  let isIn = false;

  function note(kind: string, text: string, topic = "", time = ""): void {
    const line = document.createElement("li");
    line.className = kind;
    for (const part of [time, topic, text]) {
      const cell = document.createElement("span");
      cell.textContent = part;
      line.append(cell);
    }
    const list = find("messages");
    list.prepend(line);
    while (list.childElementCount > maxShown) list.lastElementChild?.remove();
  }

  function show(state: string): void {
    find("state").textContent = state;
    find("state").dataset["in"] = String(isIn);
    for (const id of ["subscribe", "publish"]) find<HTMLFieldSetElement>(id).disabled = !isIn;
  }

  function say(message: object): void {
    socket?.send(JSON.stringify(message));
  }

  function showTopics(): void {
    find("topics").replaceChildren(
      ...[...topics].map((topic) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.textContent = `${topic} ×`;
        chip.title = `Unsubscribe from ${topic}`;
        chip.onclick = (): void => {
          topics.delete(topic);
          say({ type: "unsubscribe", topic });
          showTopics();
        };
        return chip;
      }),
    );
  }

  function hear(reply: Reply): void {
    const { type, topic, payload } = reply;
    if (type === "login_response") {
      token = String(reply["token"]);
      say({ type: "auth", token });
    } else if (type === "authenticated") {
      isIn = true;
      show("logged in");
      for (const name of topics) say({ type: "subscribe", topic: name });
    } else if (type === "error") {
      note("error", String(reply["message"]));
    } else if (typeof topic === "string" && "payload" in reply) {
      // Seconds or milliseconds, as the server is set up.
      const stamp = Number(reply["timestamp"]);
      const time = new Date(stamp < 1e11 ? stamp * 1000 : stamp).toLocaleTimeString();
      note("message", typeof payload === "string" ? payload : JSON.stringify(payload), topic, time);
      if (reply["qos"] === 1) say({ type: "ack", message_id: reply["message_id"], topic });
    }
  }

  function logIn(begin: object): void {
    socket?.close();
    isIn = false;
    show("connecting");
    const opened = new WebSocket(url);
    socket = opened;
    opened.onopen = (): void => say(begin);
    opened.onmessage = (event: MessageEvent<string>): void => hear(JSON.parse(event.data) as Reply);
    opened.onclose = (event): void => {
      if (socket !== opened) return;
      isIn = false;
      show("not connected");
      const why = event.reason === "" ? "" : `: ${event.reason}`;
      note("error", `the connection was closed (${event.code})${why}`);
    };
  }

  function onSubmit(id: string, act: () => void): void {
    find<HTMLFormElement>(id).onsubmit = (event): void => {
      event.preventDefault();
      act();
    };
  }

  function payloadOf(text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }

  onSubmit("login-form", () => {
    const given = input("token").value.trim();
    if (given !== "") logIn({ type: "auth", token: given });
    else {
      const [username, password] = [input("user").value, input("password").value];
      logIn({ type: "login", username, password });
    }
  });
  onSubmit("subscribe-form", () => {
    const topic = input("pattern").value.trim();
    if (topic === "") return;
    topics.add(topic);
    say({ type: "subscribe", topic });
    showTopics();
  });
  onSubmit("publish-form", () => {
    const payload = payloadOf(input("payload").value);
    const qos = input("qos").checked ? 1 : 0;
    say({ type: "publish", topic: input("topic").value.trim(), payload, qos });
    input("payload").select();
  });
  find("clear").onclick = (): void => find("messages").replaceChildren();
  find("address").textContent = url;
  show("not connected");
}
