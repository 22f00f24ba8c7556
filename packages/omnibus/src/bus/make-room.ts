import { OmnibusError } from "../base/index.ts";
import type { AddressBook } from "../routing/index.ts";
import type { Neighbour } from "./neighbour.ts";

/**
 * Where numbers of addresses run out because what waits for somebody names them, who has kept them
 * longest is ended: else topics would be refused to all others. To be called every second.
 */
export function makeRoom(book: AddressBook, neighbours: Iterable<Neighbour>): void {
  let slowest: Neighbour | undefined;
  for (const neighbour of neighbours) {
    const { sinceTick } = neighbour.session.sender.queue;
    const isOld = sinceTick === neighbour.busySinceTick && sinceTick !== Number.POSITIVE_INFINITY;
    neighbour.busySinceTick = sinceTick;
    if (isOld && sinceTick < (slowest?.busySinceTick ?? Number.POSITIVE_INFINITY)) {
      slowest = neighbour;
    }
  }
  if (!book.isShort || slowest === undefined) return;
  book.isShort = false;
  const { session } = slowest;
  session.end(new OmnibusError("overloaded", "it does not read what many topics wait for"));
  session.link.destroy();
}
