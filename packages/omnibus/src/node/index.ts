export { dismiss } from "./port/dismiss.ts";
export { type NativeOpening, openPort, type Port, type PortOptions } from "./port/port.ts";
export { Sweep, type Sweepable } from "./sweep.ts";
export { type CloseFacts, closeTable, encodeClosePayload } from "./ws/close.ts";
export { WebSocketConnection, type WebSocketEnd, type WebSocketOwner } from "./ws/connection.ts";
export { encodeFrame, PreparedFrame } from "./ws/frame-writer.ts";
export {
  type HttpRefusal,
  readUpgrade,
  refusalResponse,
  type UpgradeOffer,
  upgradeResponse,
} from "./ws/handshake.ts";
export { WebSocketHost, type WebSocketHostOptions } from "./ws/host.ts";
export { opcode } from "./ws/opcode.ts";
export { createNodeWebSocketDialer } from "./ws/ws-dialer.ts";
export { WebSocketLink, type WebSocketLinkOptions } from "./ws/ws-link.ts";
export { SocketLink, type SocketLinkOptions } from "./tcp-link.ts";
export { acceptTcp, listenTcp, tcpDialer } from "./tcp.ts";
