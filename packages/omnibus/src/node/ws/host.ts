import { type Clock, defaultMessageBytes, type Slab, SlabPool } from "../../base/index.ts";
import { Sweep } from "../sweep.ts";
import { Batch } from "./batch.ts";
import { type FrameReader, type FrameReaderOptions, slabOver } from "./frame-reader.ts";

/** Limits and times of the WebSocket connections of one server. */
export interface WebSocketHostOptions {
  readonly clock: Clock;
  /** Which end its connections are. Default: `server`. */
  readonly role?: "server" | "client";
  /** Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Default: 1,024. */
  readonly maxFragments?: number;
  /** After how much silence a ping is sent. Default: 25 s. */
  readonly pingIntervalMs?: number;
  /** How many pings may stay without any answer before the connection is cut. Default: 2. */
  readonly pingMisses?: number;
  /** How long one message may take to arrive, however many frames it has. Default: 30 s. */
  readonly frameTimeoutMs?: number;
  /** How long the other side may take to answer our close frame. Default: 5 s. */
  readonly closeTimeoutMs?: number;
  /** Told of exceptions thrown by a connection's owner; that connection is closed with 1011. */
  readonly onFault?: (error: unknown) => void;
}

/** Something that has frames to write at the end of the tick. */
export interface Flushable {
  flush(): void;
}

const sweepPeriodMs = 1000;
const readBytes = 262_144;
/** A read that brings this much is moved to memory that receivers can hold on to. */
const busyReadBytes = 16_384;
const maxKeptSlabs = 16;

/** What all WebSocket connections of one server share, so that each of them is small. */
export class WebSocketHost {
  readonly reading: FrameReaderOptions;
  readonly sweep: Sweep;
  /** In sweep periods. */
  readonly pingPeriods: number;
  readonly framePeriods: number;
  readonly closePeriods: number;
  readonly pingMisses: number;
  readonly onFault: (error: unknown) => void;
  /** Every read of every connection goes here, one after the other. */
  readonly readBuffer: Buffer;
  readonly readSlab: Slab;
  readonly #busySlabs: SlabPool = new SlabPool(readBytes, maxKeptSlabs);
  readonly #clock: Clock;
  readonly #root: Batch = Batch.empty();
  #waiting: Flushable[] = [];

  constructor(options: WebSocketHostOptions) {
    this.#clock = options.clock;
    this.sweep = new Sweep(options.clock, sweepPeriodMs);
    this.reading = {
      role: options.role ?? "server",
      maxMessageBytes: options.maxMessageBytes ?? defaultMessageBytes,
      maxFragments: options.maxFragments ?? 1024,
    };
    this.pingPeriods = this.sweep.periods(options.pingIntervalMs ?? 25_000);
    this.framePeriods = this.sweep.periods(options.frameTimeoutMs ?? 30_000);
    this.closePeriods = this.sweep.periods(options.closeTimeoutMs ?? 5000);
    this.pingMisses = options.pingMisses ?? 2;
    this.onFault = options.onFault ?? (() => {});
    this.readBuffer = Buffer.allocUnsafeSlow(readBytes);
    this.readSlab = slabOver(this.readBuffer, { mustCopy: true });
  }

  /** Shows a reader the first `length` bytes of the read buffer. */
  readInto(reader: FrameReader, length: number): void {
    if (length < busyReadBytes) {
      reader.read(this.readBuffer, 0, length, this.readSlab);
      return;
    }
    // One copy of all, and then none for each run that is sent on.
    const slab = this.#busySlabs.take();
    const { buffer, byteOffset } = slab.bytes;
    const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, readBytes);
    this.readBuffer.copy(bytes, 0, 0, length);
    try {
      reader.read(bytes, 0, length, slab);
    } finally {
      slab.release();
    }
  }

  /** Where every connection's batch of this tick begins. */
  get emptyBatch(): Batch {
    return this.#root;
  }

  /** Has `flush` called at the end of this tick. */
  flushLater(connection: Flushable): void {
    if (this.#waiting.push(connection) > 1) return;
    this.#clock.atTickEnd(() => this.#flushAll());
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#root.forgetNext();
    for (const connection of waiting) connection.flush();
  }
}
