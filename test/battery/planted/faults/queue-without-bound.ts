/** A queue takes everything. */
import { SendQueue } from "../../../../packages/omnibus/src/session/send-queue.ts";

SendQueue.prototype.isFullFor = () => false;
