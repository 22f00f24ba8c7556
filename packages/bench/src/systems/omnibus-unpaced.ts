import { system as omnibus } from "./omnibus.ts";
import type { System } from "./system.ts";

const { raw: _paced, programs, ...rest } = omnibus;

/** Ours without the harness's window: nothing but its own flow control keeps it from losing. */
export const system: System = {
  ...rest,
  name: "omnibus unpaced",
  policy: { ...omnibus.policy, flow: `no window; ${omnibus.policy.flow}` },
  ...(programs && { programs: { ...programs, isSelfPaced: true } }),
};
