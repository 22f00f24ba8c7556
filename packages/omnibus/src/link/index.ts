export { type CloseCode, closeCodes, type CloseReason } from "./close-codes.ts";
export { closeError } from "./close-error.ts";
export type { Dialer, Link, LinkKind, LinkReceiver, Listener } from "./link.ts";
export {
  createMemoryLinks,
  type MemoryArrival,
  MemoryLink,
  type MemoryLinkOptions,
  type MemoryPath,
} from "./memory-link.ts";
export { createWebSocketDialer, nativeSubprotocol } from "./ws-client-link.ts";
