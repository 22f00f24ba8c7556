/** Who may import whom inside packages/omnibus/src: the table of docs/ARCHITECTURE.md as data. */

/** What one room may import. Its own files and the doors of `rooms` are all that is allowed. */
export interface LayerRule {
  readonly rooms: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly typesOnly?: readonly string[];
  /** npm packages allowed; absent means any that package.json declares. */
  readonly packages?: readonly string[];
  /** Whether `node:` modules may be imported. */
  readonly isNode: boolean;
}

const LOWER = ["base", "wire", "link", "session", "routing", "log", "bus"];
const UNIVERSAL = [...LOWER, "directory", "swarm", "adapters/*", "browser"];

/** The rule of every room; `adapters/*` stands for each adapter, `x.ts` for a file beside the rooms. */
export const LAYERS: Readonly<Record<string, LayerRule>> = {
  base: { rooms: [], packages: [], isNode: false },
  wire: { rooms: ["base"], packages: [], isNode: false },
  link: { rooms: ["base"], packages: [], isNode: false },
  session: { rooms: ["base", "wire", "link"], packages: [], isNode: false },
  routing: { rooms: ["base", "wire"], packages: [], isNode: false },
  log: { rooms: ["base", "wire"], packages: [], isNode: false },
  bus: {
    rooms: ["base", "wire", "session", "routing", "log"],
    typesOnly: ["link"],
    packages: ["@standard-schema/spec"],
    isNode: false,
  },
  light: { rooms: ["base", "wire", "link", "session", "bus"], packages: [], isNode: false },
  directory: { rooms: ["base", "bus"], isNode: false },
  swarm: { rooms: ["base", "link", "bus", "directory"], isNode: false },
  "adapters/*": { rooms: ["base", "bus"], isNode: false },
  node: { rooms: ["base", "link", "log", "bus", "directory", "swarm"], isNode: true },
  browser: { rooms: ["base", "link", "log", "bus", "directory", "swarm"], isNode: false },
  server: { rooms: [...UNIVERSAL.filter((room) => room !== "browser"), "node"], isNode: true },
  testing: { rooms: [...UNIVERSAL, "light", "node", "server"], isNode: true },
  "index.ts": { rooms: UNIVERSAL, isNode: false },
  "index-node.ts": { rooms: [...UNIVERSAL, "node", "index.ts"], isNode: true },
  "adapter.ts": { rooms: ["base", "bus"], isNode: false },
};

/** The room of a file given by its path inside src: `wire`, `adapters/json`, or `index.ts`. */
export function roomOf(path: string): string {
  const [first = "", second] = path.split("/");
  return first === "adapters" && second !== undefined ? `adapters/${second}` : first;
}

/** The rule of a room, or undefined for a room that the table does not know. */
export function ruleOf(room: string): LayerRule | undefined {
  return LAYERS[generalOf(room)];
}

/** `adapters/*` for every adapter, else the room itself. */
export function generalOf(room: string): string {
  return room.startsWith("adapters/") ? "adapters/*" : room;
}
