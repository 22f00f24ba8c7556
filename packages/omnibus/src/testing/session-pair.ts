import type { MemoryLink } from "../link/index.ts";
import type { Session, SessionCredentials } from "../session/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { frameBytes, joinBytes } from "./frame-bytes.ts";
import {
  MemoryNetwork,
  type MemoryNetworkOptions,
  type NetworkLinkOptions,
} from "./memory-network.ts";
import { RecordingReceiver } from "./recording-receiver.ts";
import { RunLog } from "./run-log.ts";
import { SeededRandom } from "./seeded-random.ts";
import { type AttachOptions, SessionNode } from "./session-node.ts";

export type SessionPairOptions = Partial<MemoryNetworkOptions> &
  NetworkLinkOptions & {
    readonly seed?: number;
    readonly dialer?: AttachOptions;
    readonly accepter?: AttachOptions;
    readonly maxAddresses?: number;
  };

export interface SessionPair {
  readonly clock: FakeClock;
  readonly network: MemoryNetwork;
  readonly a: SessionNode;
  readonly b: SessionNode;
  readonly linkA: MemoryLink;
  readonly linkB: MemoryLink;
  /** The session of `b`. */
  readonly toA: Session;
  /** The session of `a`. */
  readonly toB: Session;
}

export interface RawPair {
  readonly clock: FakeClock;
  readonly network: MemoryNetwork;
  readonly node: SessionNode;
  readonly session: Session;
  readonly link: MemoryLink;
  readonly farLink: MemoryLink;
  /** What the session's side said, one line for each run. */
  readonly lines: readonly string[];
  readonly receiver: RecordingReceiver;
  /** Sends bytes as they are, and lets all that follows happen. */
  sendBytes(...parts: Uint8Array[]): void;
  /** Sends one frame with these runs, none of them a message. */
  send(...runs: Uint8Array[]): void;
}

const anonymous: SessionCredentials = { kind: "anonymous" };

/** Two nodes with a session between them, `a` having dialled `b`, and the link ends under them. */
export function sessionPair(options: SessionPairOptions = {}): SessionPair {
  const clock = new FakeClock();
  const network = new MemoryNetwork({
    clock,
    random: new SeededRandom(options.seed ?? 1),
    ...options,
  });
  const nodes = options.maxAddresses === undefined ? {} : { maxAddresses: options.maxAddresses };
  const [a, b] = [new SessionNode(clock, nodes), new SessionNode(clock, nodes)];
  const [linkA, linkB] = network.connect(options);
  const toA: Session = b.attach(linkB, options.accepter);
  const toB: Session = a.attach(linkA, { credentials: anonymous, ...options.dialer });
  clock.settle();
  return { clock, network, a, b, linkA, linkB, toA, toB };
}

/** One node with one session, and on the other end of the link bytes by hand. */
export function rawPair(
  options: NetworkLinkOptions & { dials?: boolean; session?: AttachOptions } = {},
): RawPair {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock, random: new SeededRandom(1) });
  const node = new SessionNode(clock);
  const [link, farLink] = network.connect(options);
  const credentials = options.dials === true ? { credentials: anonymous } : {};
  const session = node.attach(link, { ...credentials, ...options.session });
  const log = new RunLog();
  const receiver = new RecordingReceiver();
  receiver.use = (bytes) => log.readAll(bytes);
  farLink.open(receiver);
  clock.settle();
  return {
    clock,
    network,
    node,
    session,
    link,
    farLink,
    lines: log.lines,
    receiver,
    sendBytes(...parts: Uint8Array[]): void {
      farLink.write([joinBytes(...parts)]);
      clock.settle();
    },
    send(...runs: Uint8Array[]): void {
      farLink.write([frameBytes({ runs: runs.map((bytes) => ({ bytes })) })]);
      clock.settle();
    },
  };
}
