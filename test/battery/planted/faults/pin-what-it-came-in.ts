/** What waits keeps the memory that it came in. */
import { PendingFrame } from "../../../../packages/omnibus/src/session/pending-frame.ts";

PendingFrame.prototype.retain = function (): void {
  for (const { slab } of this.spans) slab.hold();
  this.hold();
  this.isRetained = true;
  this.isComplete = true;
};
