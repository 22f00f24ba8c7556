import { bodyBytes, messageFrame } from "../../../packages/omnibus/src/testing/index.ts";

/** A frame that holds one message of some size. */
export const sampleFrame: Uint8Array = messageFrame([
  { header: { destination: 1 }, body: bodyBytes({ records: [{ payload: new Uint8Array(200) }] }) },
]);
