/** From here on a frame goes out by reference; smaller ones are put together first. */
const byReferenceBytes = 2048;
/** The largest piece that small frames are put together to. */
const maxGatheredBytes = 65_536;

/**
 * The frames that a connection sends with one write. Batches form a tree: connections that send the
 * same frames in the same order walk the same path and end at the same batch, so its bytes are put
 * together once for all of them, and a frame costs each connection one comparison.
 */
export class Batch {
  readonly #previous: Batch | undefined;
  readonly #frame: Buffer | undefined;
  /** Bytes of all its frames. */
  readonly byteLength: number;
  // Only the way that was gone last is remembered: that is the one the next connection goes.
  #next: Batch | undefined = undefined;
  #pieces: readonly Buffer[] | undefined = undefined;

  private constructor(previous: Batch | undefined, frame: Buffer | undefined) {
    this.#previous = previous;
    this.#frame = frame;
    this.byteLength = (previous?.byteLength ?? 0) + (frame?.length ?? 0);
  }

  /** The root of a tree. */
  static empty(): Batch {
    return new Batch(undefined, undefined);
  }

  /** The batch with one frame more. */
  with(frame: Buffer): Batch {
    const next = this.#next;
    if (next !== undefined && next.#frame === frame) return next;
    return (this.#next = new Batch(this, frame));
  }

  /** Forgets the way on. Called on the root at the end of a tick, so that nothing is kept alive. */
  forgetNext(): void {
    this.#next = undefined;
  }

  /** What is to be written, in order: few buffers, shared by all who end at this batch. */
  get pieces(): readonly Buffer[] {
    return (this.#pieces ??= gather(this.#frames()));
  }

  #frames(): Buffer[] {
    const frames: Buffer[] = [];
    let batch: Batch | undefined = this;
    while (batch !== undefined && batch.#frame !== undefined) {
      frames.push(batch.#frame);
      batch = batch.#previous;
    }
    return frames.reverse();
  }
}

function gather(frames: readonly Buffer[]): Buffer[] {
  if (frames.length < 2) return [...frames];
  const pieces: Buffer[] = [];
  let first = 0;
  let bytes = 0;
  const end = (at: number): void => {
    if (at - first === 1) pieces.push(frames[first] as Buffer);
    else if (at > first) pieces.push(joined(frames, first, at, bytes));
    first = at;
    bytes = 0;
  };
  for (const [at, frame] of frames.entries()) {
    if (frame.length >= byReferenceBytes) {
      end(at);
      pieces.push(frame);
      first = at + 1;
      continue;
    }
    if (bytes + frame.length > maxGatheredBytes) end(at);
    bytes += frame.length;
  }
  end(frames.length);
  return pieces;
}

function joined(frames: readonly Buffer[], from: number, to: number, bytes: number): Buffer {
  const piece = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let next = from; next < to; next++) {
    const frame = frames[next] as Buffer;
    piece.set(frame, at);
    at += frame.length;
  }
  return piece;
}
