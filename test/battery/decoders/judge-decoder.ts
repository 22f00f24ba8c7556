import fc from "fast-check";
import { OmnibusError } from "../../../packages/omnibus/src/base/index.ts";
import type { DecoderCase, Reading, Sample } from "./decoder-case.ts";

export interface JudgeOptions {
  /** How many hostile inputs; round trips are a tenth of it. */
  readonly runs: number;
  /** Default: one of today, which is told with what was found. */
  readonly seed?: number;
}

/** What was found, and how much was tried. */
export interface Judgement {
  readonly tries: number;
  readonly faults: readonly string[];
}

/** Inputs up to this size are split at every byte. */
const maxSplitBytes = 4096;
/** How many written samples are split at every byte. */
const splitSamples = 20;
const maxShown = 80;

/**
 * Holds a decoder against its golden bytes, hostile input, its own encoder, and every way to cut what
 * it reads.
 */
export function judgeDecoder(decoder: DecoderCase, options: JudgeOptions): Judgement {
  const judge = new DecoderJudge(decoder, options);
  judge.golden();
  judge.malformed();
  judge.written();
  judge.hostile();
  judge.cut();
  return { tries: judge.tries, faults: judge.faults };
}

class DecoderJudge {
  readonly faults: string[] = [];
  tries = 0;
  readonly #decoder: DecoderCase;
  readonly #runs: number;
  readonly #seed: number | undefined;

  constructor(decoder: DecoderCase, { runs, seed }: JudgeOptions) {
    this.#decoder = decoder;
    this.#runs = runs;
    this.#seed = seed;
  }

  golden(): void {
    if (this.#decoder.golden.length === 0) this.#fault("has no golden bytes");
    for (const sample of this.#decoder.golden) this.#expect(sample, "golden bytes");
  }

  malformed(): void {
    if (this.#decoder.malformed.length === 0) this.#fault("has no malformed input");
    for (const bytes of this.#decoder.malformed) {
      const reading = this.#read(bytes);
      if (reading !== undefined && "text" in reading) {
        this.#fault(`takes ${hexOf(bytes)} as ${short(reading.text)}`);
      }
    }
  }

  written(): void {
    const runs = Math.max(10, Math.ceil(this.#runs / 10));
    this.#check(this.#decoder.written, runs, (sample) => this.#expect(sample, "a round trip"));
  }

  hostile(): void {
    const samples = this.#samples(200).map(({ bytes }) => bytes);
    this.#check(hostileBytes(samples), this.#runs, (bytes) => void this.#read(bytes));
  }

  /** Streams read the same however they are cut; whatever else is cut off is refused or read, no more. */
  cut(): void {
    const { readPieces, golden } = this.#decoder;
    const samples = [...golden, ...this.#samples(splitSamples)];
    for (const { bytes } of samples.filter(({ bytes: b }) => b.length <= maxSplitBytes)) {
      const whole = readPieces === undefined ? undefined : this.#read(bytes);
      for (let at = 0; at <= bytes.length; at++) {
        const head = bytes.slice(0, at);
        if (readPieces === undefined || whole === undefined) {
          this.#read(head);
          continue;
        }
        const pieces = this.#guard(bytes, () => readPieces([head, bytes.slice(at)]));
        if (pieces === undefined) return;
        if (JSON.stringify(pieces) !== JSON.stringify(whole)) {
          this.#fault(`${hexOf(bytes)} cut at ${at} reads ${short(JSON.stringify(pieces))}`);
          return;
        }
      }
    }
  }

  #samples(count: number): Sample[] {
    const seed = this.#seed ?? 1;
    return fc.sample(this.#decoder.written, { numRuns: count, seed });
  }

  #check<T>(arbitrary: fc.Arbitrary<T>, numRuns: number, one: (value: T) => void): void {
    const before = this.faults.length;
    // The first fault of many is enough; fast-check makes it small.
    const result = fc.check(
      fc.property(arbitrary, (value) => {
        const known = this.faults.length;
        one(value);
        const isBad = this.faults.length > known;
        if (isBad) this.faults.length = known;
        return !isBad;
      }),
      { numRuns, ...(this.#seed !== undefined && { seed: this.#seed }) },
    );
    if (!result.failed || result.counterexample === null) return;
    one(result.counterexample[0]);
    if (this.faults.length === before) this.#fault(`changes its mind, seed ${result.seed}`);
  }

  #expect({ bytes, text }: Sample, what: string): void {
    const reading = this.#read(bytes);
    if (reading === undefined || ("text" in reading && reading.text === text)) return;
    const got = "text" in reading ? reading.text : `refused: ${reading.refusal}`;
    this.#fault(`${what}: ${hexOf(bytes)} is ${short(got)}, not ${short(text)}`);
  }

  #read(bytes: Uint8Array): Reading | undefined {
    // A copy: some decoders write into what they are given.
    return this.#guard(bytes, () => this.#decoder.read(bytes.slice()));
  }

  #guard(bytes: Uint8Array, read: () => Reading): Reading | undefined {
    this.tries++;
    let reading: Reading;
    try {
      reading = read();
    } catch (error) {
      if (!(error instanceof OmnibusError)) {
        this.#fault(`throws ${String(error)} at ${hexOf(bytes)}`);
        return undefined;
      }
      reading = { refusal: error.code };
    }
    if ("refusal" in reading && !this.#decoder.codes.includes(reading.refusal)) {
      this.#fault(`refuses ${hexOf(bytes)} with ${reading.refusal}`);
    }
    return reading;
  }

  #fault(text: string): void {
    this.faults.push(`${this.#decoder.name} ${text}`);
  }
}

type Edit = readonly [kind: "set" | "cut" | "insert" | "repeat", at: number, value: number];

/** Random bytes, and good ones with a few changes. */
export function hostileBytes(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.tuple(
    fc.constantFrom<Edit[0]>("set", "set", "cut", "insert", "repeat"),
    fc.nat(1 << 16),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
  );
  const spoilt = fc
    .tuple(fc.nat(samples.length - 1), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([which, edits]) => edits.reduce(applyEdit, samples[which] ?? new Uint8Array(0)));
  const random = fc.uint8Array({ maxLength: 48 });
  return fc.oneof({ weight: 3, arbitrary: spoilt }, { weight: 1, arbitrary: random });
}

function applyEdit(bytes: Uint8Array, [kind, where, value]: Edit): Uint8Array {
  const at = bytes.length === 0 ? 0 : where % bytes.length;
  const list = [...bytes];
  if (kind === "set") list[at] = value;
  else if (kind === "cut") list.length = at;
  else if (kind === "insert") list.splice(at, 0, value);
  else list.splice(at, 0, ...list.slice(at, at + 8));
  return Uint8Array.from(list);
}

function hexOf(bytes: Uint8Array): string {
  return short(Buffer.from(bytes).toString("hex") || "nothing");
}

function short(text: string): string {
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
}
