/** The start of a frame whose rest has not come yet is forgotten. */
import { FrameReader } from "../../../../packages/omnibus/src/wire/index.ts";
import { wrap } from "../wrap.ts";

wrap(
  FrameReader.prototype,
  "read",
  (read) =>
    function (this: FrameReader, slab, start, end): number {
      read.call(this, slab, start, end);
      return end;
    },
);
