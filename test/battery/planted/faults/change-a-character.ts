/** One message in 97 reaches a JSON client with another character in it. */
import { Broadcasts } from "../../../../packages/omnibus/src/adapters/json/broadcast.ts";
import { wrap } from "../wrap.ts";

const changeEvery = 97;
let count = 0;

wrap(
  Broadcasts.prototype,
  "shared",
  (shared) =>
    function (this: Broadcasts, conversation, message, isTyped) {
      const prepared = shared.call(this, conversation, message, isTyped);
      if (++count % changeEvery !== 0) return prepared;
      const text = this.text(message, { isTyped, isRedelivered: false, missed: 0 });
      return conversation.prepare(text.replace(/.(?=","timestamp")/, "!"));
    },
);
