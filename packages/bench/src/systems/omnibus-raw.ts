import { type Bus, openBus } from "omnibus";
import type { RawSocket } from "../harness/raw-socket.ts";
import { nextTurn } from "../harness/monotonic.ts";
import { fillPayload } from "../stats/payload.ts";
import { dialerOf, TappedLink } from "./omnibus-link.ts";
import { OmnibusReceiver } from "./omnibus-receiver.ts";
import type { RawProtocol, RawPublisher, RawReceiver, RawShape, RawSlice } from "./raw-protocol.ts";

const MAX_DISTINCT = 1024;
const MIB = 1024 * 1024;

/** How many payloads there are before they repeat. */
function periodOf({ size, topics }: RawShape): number {
  if (topics.length > 1) return topics.length;
  return Math.max(16, Math.min(MAX_DISTINCT, Math.floor(MIB / size)));
}

async function openTapped(socket: RawSocket): Promise<{ bus: Bus; link: TappedLink }> {
  const link = new TappedLink(socket);
  const bus = await openBus({ connect: "bench://middle", dialers: [dialerOf(link)] });
  return { bus, link };
}

/**
 * Lets the library publish every payload once and keeps the frames that it writes. The first pass also
 * tells the middle the topics' numbers and is sent once; the second pass is what is repeated.
 */
async function openPublisher(socket: RawSocket, shape: RawShape): Promise<RawPublisher> {
  const { bus, link } = await openTapped(socket);
  const first = await record(bus, link, shape);
  const repeated = await record(bus, link, shape);
  let at = 0;
  let pass = first;
  return {
    next(): RawSlice {
      const slice = pass[at];
      if (slice === undefined) throw new RangeError("nothing was recorded");
      at += 1;
      if (at === pass.length) {
        at = 0;
        pass = repeated;
      }
      return slice;
    },
  };
}

async function record(bus: Bus, link: TappedLink, shape: RawShape): Promise<RawSlice[]> {
  const period = periodOf(shape);
  const perSlice = Math.max(1, Math.floor(shape.sliceBytes / shape.size));
  const slices: RawSlice[] = [];
  for (let from = 0; from < period; from += perSlice) {
    const messages = Math.min(perSlice, period - from);
    link.startRecording();
    for (let index = from; index < from + messages; index += 1) {
      const payload = new Uint8Array(shape.size);
      fillPayload(payload, index);
      bus.publish(shape.topics[index % shape.topics.length] ?? "", payload, { congestion: "wait" });
    }
    // Written at the end of the turn; large ones in several steps.
    do await nextTurn();
    while (link.recordedBytes < messages * shape.size);
    slices.push({ bytes: link.stopRecording(), messages });
  }
  return slices;
}

async function openSubscriber(socket: RawSocket, shape: RawShape): Promise<RawReceiver> {
  const { bus, link } = await openTapped(socket);
  const subscriptions = shape.topics.map((topic) => bus.subscribe(topic, () => {}));
  await Promise.all(subscriptions.map(({ ready }) => ready));
  link.tap();
  return new OmnibusReceiver(shape.size, periodOf(shape));
}

/** Our protocol in bytes; the handshake and the frames come from the library itself. */
export const raw: RawProtocol = {
  openPublisher,
  openSubscriber,
};
