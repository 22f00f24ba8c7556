import { controlDecoders } from "./control-runs.ts";
import type { DecoderCase } from "./decoder-case.ts";
import { foreignDecoders } from "./foreign.ts";
import { frameDecoders } from "./frames.ts";
import { valueDecoders } from "./values.ts";

/** Every decoder of bytes that come from elsewhere. */
export const allDecoders: readonly DecoderCase[] = [
  ...frameDecoders,
  ...valueDecoders,
  ...controlDecoders,
  ...foreignDecoders,
];
