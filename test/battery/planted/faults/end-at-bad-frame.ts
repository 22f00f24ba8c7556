/** A native frame that cannot be read ends the server. */
import { FrameReader } from "../../../../packages/omnibus/src/wire/index.ts";
import { wrap } from "../wrap.ts";

wrap(
  FrameReader.prototype,
  "read",
  (read) =>
    function (this: FrameReader, slab, start, end): number {
      try {
        return read.call(this, slab, start, end);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
        return end;
      }
    },
);
