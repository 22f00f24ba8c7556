import { type Begin, ConsoleConnection, type ConsoleState } from "./connection.ts";
import { type Broadcast, MessageList } from "./message-list.ts";

/**
 * Wires the page's forms to a connection and the list of messages.
 *
 * Sent to browsers as its own source text, behind the classes that it names: beside those it may use
 * nothing but the browser.
 */
export class Console {
  readonly #url: string = location.origin.replace(/^http/, "ws");
  /** What is subscribed, with the replay that was asked for; asked for again after a reconnection. */
  readonly #topics = new Map<string, number | undefined>();
  readonly #messages: MessageList;
  readonly #connection: ConsoleConnection;

  constructor() {
    this.#connection = new ConsoleConnection(this.#url, {
      state: (state, text) => this.#show(state, text),
      message: (broadcast) => this.#messages.add(broadcast as unknown as Broadcast),
    });
    this.#messages = new MessageList(
      this.#find("messages"),
      this.#find("count"),
      (message, done) => {
        const { message_id, topic } = message;
        this.#connection.send({ type: "ack", message_id, topic }, done);
      },
    );
    this.#find("address").textContent = this.#url;
    this.#onSubmit("login-form", () => this.#logIn());
    this.#onSubmit("subscribe-form", () => this.#subscribe());
    this.#onSubmit("publish-form", () => this.#publish());
    this.#find("leave").onclick = (): void => {
      this.#topics.clear();
      this.#showTopics();
      this.#connection.disconnect();
      this.#input("user").focus();
    };
    this.#find("clear").onclick = (): void => this.#messages.clear();
    const automatic = this.#input("automatic");
    automatic.onchange = (): void => {
      this.#find("messages").dataset["acknowledges"] = String(automatic.checked);
    };
    for (const radio of document.querySelectorAll<HTMLInputElement>("[name=way]")) {
      radio.onchange = (): void => this.#showWay();
    }
    const payload = this.#input("payload");
    payload.oninput = (): void => this.#showKind();
    payload.onkeydown = (event): void => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#find<HTMLFormElement>("publish-form").requestSubmit();
    };
    this.#showWay();
    this.#showKind();
    this.#show("idle", "not connected");
  }

  #find<Found extends HTMLElement>(id: string): Found {
    return document.getElementById(id) as Found;
  }

  #input(id: string): HTMLInputElement {
    return this.#find<HTMLInputElement>(id);
  }

  #onSubmit(id: string, act: () => void): void {
    this.#find<HTMLFormElement>(id).onsubmit = (event): void => {
      event.preventDefault();
      act();
    };
  }

  #show(state: ConsoleState, text: string): void {
    const shown = this.#find("state");
    const wasIn = shown.dataset["state"] === "open" || shown.dataset["state"] === "lost";
    shown.textContent = text;
    shown.dataset["state"] = state;
    const isIn = state === "open" || state === "lost";
    this.#find("h-login").textContent = isIn ? "Connection" : "Log in";
    this.#find("login-form").hidden = isIn;
    this.#find("inside").hidden = !isIn;
    for (const id of ["subscribe", "publish"]) {
      this.#find<HTMLFieldSetElement>(id).disabled = state !== "open";
    }
    this.#find<HTMLButtonElement>("login").disabled = state === "connecting";
    if (state === "open") {
      this.#input("password").value = "";
      for (const [topic, replay] of this.#topics) this.#ask(topic, replay);
      if (!wasIn) this.#input("pattern").focus();
    }
  }

  #way(): string {
    return document.querySelector<HTMLInputElement>("[name=way]:checked")?.value ?? "password";
  }

  #showWay(): void {
    const way = this.#way();
    for (const shown of ["password", "token"]) {
      this.#find(`with-${shown}`).hidden = way !== shown;
      for (const input of this.#find(`with-${shown}`).querySelectorAll("input")) {
        input.disabled = way !== shown;
      }
    }
  }

  #logIn(): void {
    const begins: Record<string, Begin> = {
      password: {
        type: "login",
        username: this.#input("user").value,
        password: this.#input("password").value,
      },
      token: { type: "auth", token: this.#input("token").value.trim() },
    };
    this.#connection.connect(begins[this.#way()]);
  }

  #subscribe(): void {
    const topic = this.#input("pattern").value.trim();
    const asked = this.#input("replay").value;
    const replay = asked === "" ? undefined : Number(asked);
    if (this.#topics.has(topic)) this.#say("subscribe", `already subscribed to ${topic}`, true);
    else this.#ask(topic, replay);
  }

  #ask(topic: string, replay: number | undefined): void {
    this.#connection.send({ type: "subscribe", topic, replay }, (error) => {
      if (error === "") this.#topics.set(topic, replay);
      // Where no answer came, it is asked for again when the server is back.
      else if (this.#connection.isOpen) this.#topics.delete(topic);
      this.#say("subscribe", error === "" ? `subscribed to ${topic}` : error, error === "");
      this.#showTopics();
    });
  }

  #showTopics(): void {
    const chips = [...this.#topics.keys()].map((topic) => {
      const chip = document.createElement("li");
      const name = document.createElement("code");
      name.textContent = topic;
      const end = document.createElement("button");
      end.type = "button";
      end.textContent = "×";
      end.setAttribute("aria-label", `Unsubscribe from ${topic}`);
      end.onclick = (): void => {
        this.#topics.delete(topic);
        this.#showTopics();
        this.#connection.send({ type: "unsubscribe", topic }, (error) =>
          this.#say("subscribe", error || `unsubscribed from ${topic}`, error === ""),
        );
      };
      chip.append(name, end);
      return chip;
    });
    this.#find("topics").replaceChildren(...chips);
  }

  #publish(): void {
    const topic = this.#input("topic").value.trim();
    const { payload } = this.#payload();
    const qos = this.#input("qos").checked ? 1 : 0;
    const id = this.#input("message-id").value.trim();
    const command = { type: "publish", topic, payload, qos, message_id: id === "" ? null : id };
    this.#connection.send(command, (error) =>
      this.#say("publish", error || `published to ${topic}`, error === ""),
    );
  }

  #payload(): { payload: unknown; kind: string } {
    const text = this.#input("payload").value;
    try {
      return { payload: JSON.parse(text) as unknown, kind: "goes as JSON" };
    } catch {
      return { payload: text, kind: "goes as text" };
    }
  }

  #showKind(): void {
    this.#find("kind").textContent = this.#payload().kind;
  }

  #say(form: string, text: string, isGood: boolean): void {
    const said = this.#find(`${form}-said`);
    said.textContent = text;
    said.dataset["good"] = String(isGood);
  }
}
