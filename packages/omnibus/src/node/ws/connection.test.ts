import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { describe, test } from "node:test";
import type { Slab } from "../../base/index.ts";
import { FakeClock } from "../../testing/index.ts";
import { WebSocketConnection, type WebSocketEnd, type WebSocketOwner } from "./connection.ts";
import { PreparedFrame } from "./frame-writer.ts";
import { WebSocketHost, type WebSocketHostOptions } from "./host.ts";
import { applyMask } from "./mask.ts";

const response = "HTTP/1.1 101 x\r\n\r\n";

/** A connection over a pair of streams; no network, no real time. */
class Bench implements WebSocketOwner {
  readonly clock: FakeClock = new FakeClock();
  readonly host: WebSocketHost;
  readonly connection: WebSocketConnection;
  readonly far: Duplex;
  readonly heard: string[] = [];
  end: WebSocketEnd | undefined;
  isReading = true;
  #arrived: Buffer[] = [];

  constructor(options: Partial<WebSocketHostOptions> = {}, head?: Buffer) {
    this.host = new WebSocketHost({ clock: this.clock, ...options });
    const [near, far] = duplexPair({ allowHalfOpen: false });
    this.far = far;
    far.on("data", (chunk: Buffer) => this.#arrived.push(chunk));
    this.connection = new WebSocketConnection(this.host, near as Socket, response);
    this.connection.open(this, head);
  }

  text(text: string): void {
    this.heard.push(text);
    if (text === "pause") this.connection.pause();
    if (text === "fault") throw new Error("a fault");
  }
  binary(slab: Slab, start: number, end: number): void {
    this.heard.push(Buffer.from(slab.bytes.subarray(start, end)).toString("hex"));
  }
  drained(): void {
    this.heard.push("drained");
  }
  closed(end: WebSocketEnd): void {
    this.end = end;
  }

  /** Lets what the streams have queued (with process.nextTick) and the tick's end happen. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      this.clock.settle();
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
  }

  /** What arrived at the other side since the last call, the answer to the handshake left out. */
  async arrived(): Promise<string> {
    await this.settle();
    const bytes = Buffer.concat(this.#arrived).toString("latin1").replace(response, "");
    this.#arrived = [];
    return Buffer.from(bytes, "latin1").toString("hex");
  }

  get writes(): number {
    return this.#arrived.length;
  }

  async says(first: number, payload: string | Buffer): Promise<void> {
    this.far.write(maskedFrame(first, Buffer.from(payload)));
    await this.settle();
  }
}

function maskedFrame(first: number, payload: Buffer): Buffer {
  assert.ok(payload.length < 126);
  const frame = Buffer.concat([Buffer.from([first, 0x80 | payload.length, 1, 2, 3, 4]), payload]);
  applyMask(frame, 6, frame.length, 0x04030201);
  return frame;
}

describe("sending", () => {
  test("what is sent in one tick leaves in one write", async () => {
    const bench = new Bench();
    await bench.arrived();
    bench.connection.send("a");
    bench.connection.send(Buffer.from("b"));
    bench.connection.send(new PreparedFrame("c"));
    assert.equal(bench.connection.bufferedBytes, 9);
    await bench.settle();
    assert.equal(bench.writes, 1);
    assert.equal(await bench.arrived(), "810161820162810163");
    assert.equal(bench.connection.bufferedBytes, 0);
  });

  test("small chunks become one frame, large ones follow their header", async () => {
    const bench = new Bench();
    bench.connection.send("first");
    assert.equal(bench.connection.sendChunks([Buffer.from("ab"), Buffer.from("c")]), true);
    const large = Buffer.alloc(5000, 0x61);
    bench.connection.sendChunks([large, Buffer.from("z")]);
    const arrived = await bench.arrived();
    assert.equal(arrived, `81056669727374${"8203616263"}827e1389${"61".repeat(5000)}7a`);
  });

  test("a slow reader makes send say false, and drained follows when all has left", async () => {
    const bench = new Bench();
    await bench.arrived();
    bench.far.pause();
    const message = new PreparedFrame("x".repeat(30_000));
    let sent = 1;
    while (bench.connection.send(message) && sent < 20) {
      await bench.settle();
      sent++;
    }
    assert.ok(bench.connection.bufferedBytes > 65_536);
    assert.deepEqual(bench.heard, []);
    bench.far.resume();
    assert.equal((await bench.arrived()).length, 2 * sent * 30_004);
    assert.deepEqual(bench.heard, ["drained"]);
    assert.equal(bench.connection.bufferedBytes, 0);
  });
});

describe("reading", () => {
  test("an owner that paused at what came with the upgrade was read on for", async () => {
    const bench = new Bench({}, maskedFrame(0x81, Buffer.from("pause")));
    assert.deepEqual(bench.heard, ["pause"]);
    await bench.says(0x81, "early");
    assert.deepEqual(bench.heard, ["pause"]);
    bench.connection.resume();
    await bench.settle();
    assert.deepEqual(bench.heard, ["pause", "early"]);
  });
});

describe("control frames", () => {
  test("a ping is answered with its payload", async () => {
    const bench = new Bench();
    await bench.says(0x89, "hi");
    assert.equal(await bench.arrived(), "8a026869");
  });

  test("a close frame is answered with its code and ends the connection", async () => {
    const bench = new Bench();
    await bench.says(0x88, Buffer.from("0fa1627965", "hex"));
    assert.equal(await bench.arrived(), "88020fa1");
    assert.deepEqual(bench.end, { code: 4001, reason: "bye" });
  });

  test("a close frame without a code is answered without one", async () => {
    const bench = new Bench();
    await bench.says(0x88, "");
    assert.equal(await bench.arrived(), "8800");
    assert.deepEqual(bench.end, { code: 1005, reason: "" });
  });

  test("our close waits for the answer; what comes before it is not told", async () => {
    const bench = new Bench();
    bench.connection.close(4403, "no");
    assert.equal(await bench.arrived(), "880411336e6f");
    await bench.says(0x81, "late");
    assert.equal(bench.end, undefined);
    await bench.says(0x88, Buffer.from("1133", "hex"));
    assert.deepEqual(bench.end, { code: 4403, reason: "" });
    assert.deepEqual(bench.heard, []);
  });

  test("a close that is not answered ends after the time-out", async () => {
    const bench = new Bench();
    bench.connection.close(1001, "");
    await bench.settle();
    bench.clock.advance(4999);
    await bench.settle();
    assert.equal(bench.end, undefined);
    bench.clock.advance(1);
    await bench.settle();
    assert.deepEqual(bench.end, { code: 1001, reason: "" });
    assert.equal(bench.clock.pendingTimers, 0);
  });

  test("a reason is cut between characters", async () => {
    const bench = new Bench();
    bench.connection.close(4400, "ä".repeat(100));
    const arrived = await bench.arrived();
    assert.equal(arrived, `887c1130${"c3a4".repeat(61)}`);
  });
});

describe("a broken other side", () => {
  test("a protocol error is answered with its close code and the end", async () => {
    const bench = new Bench();
    bench.far.write(Buffer.from("8101", "hex"));
    assert.equal((await bench.arrived()).slice(4, 8), "03ea");
    assert.equal(bench.end?.code, 1002);
  });

  test("an end without a close frame is 1006", async () => {
    const bench = new Bench();
    bench.far.end();
    await bench.settle();
    assert.deepEqual(bench.end, { code: 1006, reason: "" });
  });

  test("a fault of the owner closes with 1011 and is reported", async () => {
    const faults: unknown[] = [];
    const bench = new Bench({ onFault: (error) => faults.push(error) });
    await bench.says(0x81, "fault");
    assert.equal((await bench.arrived()).slice(4, 8), "03f3");
    assert.equal(faults.length, 1);
  });

  test("a frame that comes one byte per second is cut after 30 s", async () => {
    const bench = new Bench();
    const frame = maskedFrame(0x81, Buffer.alloc(100, 0x61));
    let seconds = 0;
    while (bench.connection.isOpen && seconds < 60) {
      bench.far.write(frame.subarray(seconds, seconds + 1));
      await bench.settle();
      bench.clock.advance(1000);
      seconds++;
    }
    assert.equal(seconds, 30);
    assert.equal((await bench.arrived()).slice(4, 8), (4408).toString(16));
  });

  test("a message that never ended was kept for ever between whole frames", async () => {
    const bench = new Bench();
    await bench.says(0x01, "the beginning");
    let seconds = 0;
    while (bench.connection.isOpen && seconds < 60) {
      await bench.says(0x8a, "");
      if (seconds % 10 === 9) await bench.says(0x00, "more");
      bench.clock.advance(1000);
      seconds++;
    }
    assert.equal(seconds, 30);
    assert.equal((await bench.arrived()).slice(4, 8), (4408).toString(16));
  });

  test("fragmented messages that end in time are not cut", async () => {
    const bench = new Bench();
    for (let second = 0; second < 100; second++) {
      await bench.says(second % 20 === 0 ? 0x01 : second % 20 === 19 ? 0x80 : 0x00, "x");
      bench.clock.advance(1000);
    }
    assert.equal(bench.connection.isOpen, true);
    assert.equal(bench.heard.length, 5);
  });

  test("many slow but whole frames are not cut", async () => {
    const bench = new Bench();
    const frame = maskedFrame(0x81, Buffer.from("abcd"));
    for (let second = 0; second < 100; second++) {
      bench.far.write(frame.subarray(second % 10, (second % 10) + 1));
      await bench.settle();
      bench.clock.advance(1000);
    }
    assert.equal(bench.connection.isOpen, true);
    assert.equal(bench.heard.length, 10);
  });
});

describe("keep-alive", () => {
  test("silence is answered with pings, and two without an answer close it with 4408, read or not", async () => {
    const bench = new Bench();
    bench.clock.advance(1000);
    const seen: [second: number, frame: string][] = [];
    for (let second = 1; second <= 80; second++) {
      bench.clock.advance(1000);
      const arrived = await bench.arrived();
      if (arrived !== "") seen.push([second, arrived]);
      if (bench.end !== undefined) {
        assert.deepEqual(seen, [
          [25, "8900"],
          [50, "8900"],
          [
            75,
            `8818${(4408).toString(16)}${Buffer.from("no answer to our pings").toString("hex")}`,
          ],
        ]);
        assert.equal(second, 80, "and cut when that is not answered either");
        assert.equal(bench.end.error?.code, "timeout");
        return;
      }
    }
    assert.fail("never cut");
  });

  test("an answer is enough to stay", async () => {
    const bench = new Bench();
    for (let second = 0; second < 300; second++) {
      bench.clock.advance(1000);
      if ((await bench.arrived()) === "8900") await bench.says(0x8a, "");
    }
    assert.equal(bench.connection.isOpen, true);
  });
});
