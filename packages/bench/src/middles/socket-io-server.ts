/** socket.io with its defaults, over WebSocket. */
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";
import { listenWithRooms } from "./socket-io-rooms.ts";

export const methods: MiddleMethods = middleMethods(() => listenWithRooms());
