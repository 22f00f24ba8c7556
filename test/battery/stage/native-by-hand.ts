/** Sessions of the native protocol, frame by frame. */
import { controlRun, frameBytes, RunLog } from "../../../packages/omnibus/src/testing/index.ts";
import {
  decodeBye,
  encodeAuth,
  encodeHello,
} from "../../../packages/omnibus/src/session/handshake.ts";
import { runType } from "../../../packages/omnibus/src/wire/index.ts";
import { Slab } from "../../../packages/omnibus/src/base/index.ts";
import { plainFrame, maskedFrame } from "../../../packages/omnibus/src/testing/index.ts";
import { RawConnection, upgradeRequest } from "./raw-connection.ts";

/** One run as a frame. */
export function frameOf(...runs: readonly Uint8Array[]): Uint8Array {
  return frameBytes({ runs: runs.map((bytes) => ({ bytes })) });
}

export const helloFrame: Uint8Array = frameOf(
  controlRun(
    runType.hello,
    encodeHello({
      versions: [0, 0],
      nodeId: new Uint8Array(32).fill(7),
      name: "by hand",
      incarnation: 1,
      maxFrameBytes: 1 << 20,
      isIntegrityProtected: false,
      capabilities: 0,
    }),
  ),
);

export function authFrame(token: string): Uint8Array {
  return frameOf(controlRun(runType.auth, encodeAuth({ kind: "token", token })));
}

/** How frames travel: as they are, or each as one message of a WebSocket. */
export type Carrier = "tcp" | "ws";

/** A connection that speaks the native protocol by hand. */
export class NativeByHand {
  readonly connection: RawConnection;
  readonly #carrier: Carrier;

  private constructor(connection: RawConnection, carrier: Carrier) {
    this.connection = connection;
    this.#carrier = carrier;
  }

  /** Over a connection that is there. */
  static over(connection: RawConnection, carrier: Carrier): NativeByHand {
    return new NativeByHand(connection, carrier);
  }

  /** Nothing is said yet but, on a WebSocket, what opens it. */
  static async open(port: number, carrier: Carrier): Promise<NativeByHand> {
    const connection = await RawConnection.open(port);
    if (carrier === "ws") {
      connection.send(upgradeRequest("omnibus.v1"));
      await connection.sees(/\r\n\r\n/);
    }
    return new NativeByHand(connection, carrier);
  }

  /** The same, and through the handshake. */
  static async enter(port: number, carrier: Carrier, token: string): Promise<NativeByHand> {
    const peer = await NativeByHand.open(port, carrier);
    peer.send(helloFrame, authFrame(token));
    if (!(await peer.hears(/^ready/m))) throw new Error(`no ready: ${peer.heard().join()}`);
    return peer;
  }

  send(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.connection.send(
        this.#carrier === "tcp" ? frame : maskedFrame(plainFrame(0x82, Buffer.from(frame))),
      );
    }
  }

  /** Resolves when what is heard matches, or the connection is over. */
  async hears(pattern: RegExp): Promise<boolean> {
    for (;;) {
      if (pattern.test(this.heard().join("\n"))) return true;
      if (this.connection.socket.closed) return false;
      await this.connection.more();
    }
  }

  /** The runs that were answered, as lines; `bye CODE` for a goodbye. */
  heard(): string[] {
    // A first byte that is a letter was taken for HTTP.
    if (this.#carrier === "tcp" && this.connection.answer.toString("latin1", 0, 4) === "HTTP") {
      return ["bye http"];
    }
    const log = new RunLog();
    const stream = this.#carrier === "tcp" ? this.connection.answer : this.#unwrapped();
    try {
      log.reader.read(new Slab(stream), 0, stream.length);
    } catch (error) {
      log.lines.push(`unreadable ${String(error)}`);
    }
    return log.lines.map((line) => {
      const content = /^bye\/0 ([0-9a-f]*)/.exec(line)?.[1];
      if (content === undefined) return line;
      const bytes = Buffer.from(content, "hex");
      return `bye ${decodeBye(bytes, 0, bytes.length).code}`;
    });
  }

  /** The payloads of binary frames, one behind the other. */
  #unwrapped(): Uint8Array {
    const { answer } = this.connection;
    const parts: Buffer[] = [];
    let at = answer.indexOf("\r\n\r\n") + 4;
    while (at >= 4 && at + 2 <= answer.length) {
      const short = (answer[at + 1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + head > answer.length) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? answer.readUInt16BE(at + 2)
            : answer.readUInt32BE(at + 6);
      if (((answer[at] ?? 0) & 0x0f) === 2)
        parts.push(answer.subarray(at + head, at + head + length));
      at += head + length;
    }
    return new Uint8Array(Buffer.concat(parts));
  }
}
