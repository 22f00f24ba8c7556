import type { Authority } from "./plugs.ts";

/** The authority of a bus without one: everybody is welcome and may do everything. */
export const openAuthority: Authority = {
  authenticate: (credentials) => {
    const name = credentials.kind === "anonymous" ? `anonymous:${credentials.protocol}` : "anyone";
    return Promise.resolve({ name, roles: [] });
  },
  may: () => true,
  version: 0,
};
