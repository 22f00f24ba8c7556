export type { Dialer, Link, LinkKind, LinkReceiver, Listener } from "./link.ts";
export { createWebSocketDialer, nativeSubprotocol } from "./ws-client-link.ts";
