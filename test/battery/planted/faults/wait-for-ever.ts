/** Whoever does not finish its handshake or its frame is waited for. */
import { FrameDeadline } from "../../../../packages/omnibus/src/session/frame-deadline.ts";
import { Session } from "../../../../packages/omnibus/src/session/index.ts";
import { wrap } from "../wrap.ts";

FrameDeadline.prototype.isOver = () => false;
wrap(
  Session.prototype,
  "tick",
  (tick) =>
    function (this: Session, nowMs, keepAliveMs): void {
      if (this.state === "open") tick.call(this, nowMs, keepAliveMs);
    },
);
