import { OmnibusError } from "../base/index.ts";

/** The most bytes of UTF-8 that a publisher's own id may have. */
export const maxIdBytes = 256;
/** What a UTF-16 unit takes at most. */
const mostPerUnit = 3;

/** Throws `too-big` for an id that is longer. */
export function checkId(id: string | undefined): void {
  if (id === undefined || id.length * mostPerUnit <= maxIdBytes) return;
  const { length } = new TextEncoder().encode(id);
  if (length > maxIdBytes)
    throw new OmnibusError(
      "too-big",
      `an id of ${length} bytes; at most ${maxIdBytes} are allowed`,
    );
}
