import { allDecoders } from "../decoders/all-decoders.ts";
import { judgeDecoder } from "../decoders/judge-decoder.ts";
import type { Row } from "../row.ts";

const runsOf = { 0: 10_000, 1: 1_000_000 } as const;

/** Each decoder against golden bytes, round trips, cuts at every byte and hostile input, in process. */
export const decodersRow: Row = {
  name: "decoders",
  what: "each decoder gives what was written or a typed error, however its input is cut or spoilt",
  tiers: { 0: "10,000 hostile inputs each", 1: "1,000,000 hostile inputs each" },
  isQuick: true,
  run: async ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    let count = 0;
    for (const decoder of allDecoders) {
      progress(decoder.name);
      const judgement = judgeDecoder(decoder, { runs: runsOf[tier] });
      count += judgement.tries;
      faults.push(...judgement.faults);
      observed.push(`${decoder.name}: ${judgement.tries.toLocaleString("en")} readings`);
    }
    return { count, unit: "readings", observed, faults };
  },
};
