/** One message in 1,000 is not sent to a JSON client, and nobody is told. */
import { Outbox } from "../../../../packages/omnibus/src/adapters/json/outbox.ts";
import { wrap } from "../wrap.ts";

const loseEvery = 1000;
let count = 0;

wrap(
  Outbox.prototype,
  "live",
  (live) =>
    function (this: Outbox, source, message): void {
      count++;
      if (count % loseEvery !== 0) live.call(this, source, message);
    },
);
