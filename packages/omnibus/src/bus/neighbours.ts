import { asOmnibusError, OmnibusError, realmNumber, type Slab, toHex } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import { Router } from "../routing/index.ts";
import {
  type Congestion,
  type EncodedRun,
  type InterestStatement,
  type Refusal,
  RetiredNumbers,
  Session,
  type SessionCredentials,
  type SessionOwner,
} from "../session/index.ts";
import {
  type Address,
  type AddressKind,
  type AddressList,
  becomeSplit,
  emptyHeader,
  isBodyIntact,
  type MessageHeader,
  RunHeader,
  scopeHopMask,
  scopeRealmMask,
  scopeRealmShift,
  type SplitRun,
  splitRun,
} from "../wire/index.ts";
import { BackPressure } from "./back-pressure.ts";
import { damagedRun } from "./damaged-run.ts";
import { RoomMaker } from "./make-room.ts";
import { Neighbour } from "./neighbour.ts";
import type { NeighbourHost } from "./neighbour-host.ts";
import { NeighbourInterests } from "./neighbour-interests.ts";
import { PublishRights } from "./publish-rights.ts";
import { type Reach, takersOf } from "./reach.ts";
import { RunsForSeveral, type SeveralOnTheWay } from "./runs-for-several.ts";
import { TopicPace } from "./topic-pace.ts";

/** Of which realm messages were that a gap tells of is not known. */
const widestRealm = realmNumber("global");

/** A second's tick that comes so late says that this process did not run meanwhile. */
const awayMs = 3000;

/** All sessions of a node, and the way of a run from one to the others. */
export class Neighbours implements SessionOwner {
  readonly router: Router<Neighbour>;
  readonly all: Set<Neighbour> = new Set<Neighbour>();
  readonly #host: NeighbourHost;
  readonly #backPressure: BackPressure;
  readonly #header: MessageHeader = { ...emptyHeader };
  readonly #cutHeader = new RunHeader();
  readonly #several: RunsForSeveral;
  readonly #rights: PublishRights;
  readonly #interests: NeighbourInterests;
  readonly #room: RoomMaker;
  #lastTickMs: number;

  constructor(host: NeighbourHost) {
    this.#host = host;
    this.router = new Router<Neighbour>((neighbour, topic) => {
      const { principal } = neighbour;
      return principal === undefined || host.maySubscribe(principal, topic);
    });
    this.#several = new RunsForSeveral(host);
    this.#rights = new PublishRights(host);
    this.#interests = new NeighbourInterests(host, this.router);
    this.#room = new RoomMaker(host.book, host.outbox);
    this.#lastTickMs = host.clock.nowMs();
    this.#backPressure = new BackPressure(host.clock, this.router);
  }

  /** Begins a session over a link; with credentials as the side that dialled. */
  attach(link: Link, credentials: SessionCredentials | undefined): Neighbour {
    const { clock, outbox, hello, limits, neighbourLimits } = this.#host;
    const { handshakeTimeoutMs, frameTimeoutMs, maxNameBytes, maxNewTopicsPerSec } =
      neighbourLimits;
    const options = {
      clock,
      limits,
      handshakeTimeoutMs,
      frameTimeoutMs,
      hello: { ...hello, isIntegrityProtected: link.isIntegrityProtected },
    };
    const session = new Session(
      link,
      outbox,
      this,
      credentials === undefined ? { ...options, maxNameBytes } : { ...options, credentials },
    );
    const neighbour = new Neighbour(session);
    if (credentials === undefined) neighbour.pace = new TopicPace(maxNewTopicsPerSec);
    session.tag = neighbour;
    this.all.add(neighbour);
    session.start();
    return neighbour;
  }

  addressOf(session: Session, kind: AddressKind, name: string): Address {
    const { book } = this.#host;
    const known = book.find(kind, name);
    if (known !== undefined) return known;
    neighbourOf(session).pace?.took(session);
    return book.get(kind, name);
  }

  authenticate(session: Session, credentials: SessionCredentials): void {
    const neighbour = neighbourOf(session);
    this.#host.authenticate(credentials, session.link).then(
      (principal) => {
        neighbour.principal = principal;
        session.admit({ principal: principal.name, role: "leaf" });
      },
      (error: unknown) => {
        session.end(
          error instanceof OmnibusError
            ? error
            : new OmnibusError("not-authenticated", "authentication failed"),
        );
      },
    );
  }

  opened(session: Session): void {
    const neighbour = neighbourOf(session);
    const id = session.peer?.nodeId ?? new Uint8Array(0);
    neighbour.source = this.#host.book.get("node", toHex(id));
    // A leaf sends all it publishes to the node that it is connected to.
    if (session.isDialer) this.router.addTaker(neighbour);
    this.#host.opened(neighbour);
  }

  message(session: Session, address: Address, header: RunHeader, slab: Slab): void {
    const from = neighbourOf(session);
    if (!this.#mayCross(header, from)) return;
    if (!this.#rights.mayPublish(from, address)) {
      this.#host.denied(from, address.name, header.messages);
      return;
    }
    this.#forward(from, address, header, slab);
    this.#host.arrived(from, address, header);
  }

  messageForSeveral(session: Session, list: AddressList, header: RunHeader, slab: Slab): void {
    const from = neighbourOf(session);
    if (!this.#mayCross(header, from)) return;
    // One with a producer is refused where it is cut, so it is everywhere. [WIRE-4.5]
    const isPlain = !header.hasProducer && this.#rights.isKnownForAll(from, list);
    const way = isPlain && this.#onwards(from, list, header, slab);
    if (way === false) {
      this.#cut(session, list, header);
      return;
    }
    if (way?.run.isPatient === true) this.#backPressure.checkAll(from, list, way);
    this.#host.arrivedForSeveral(from, list, header);
  }

  #onwards(
    from: Neighbour,
    list: AddressList,
    header: RunHeader,
    slab: Slab,
  ): SeveralOnTheWay | undefined | false {
    // A leaf of one server has nobody else to send to.
    return this.all.size === 1 ? undefined : this.#several.forward(from, list, header, slab);
  }

  /** Handles the records of each address as a run of its own. */
  #cut(session: Session, list: AddressList, header: RunHeader): void {
    let runs: readonly SplitRun[];
    const { bytes, bodyStart, bodyEnd } = header;
    try {
      // The new bodies have hashes of their own: what was damaged on its way would look whole. [WIRE-5.4]
      if (!isBodyIntact(bytes, bodyStart, bodyEnd))
        throw damagedRun(list.at(0).name, session.link.remote);
      runs = splitRun(list, bytes, bodyStart, bodyEnd);
    } catch (error) {
      this.#host.malformed(asOmnibusError(error));
      return;
    }
    for (const run of runs) {
      becomeSplit(this.#cutHeader, header, run);
      // Whoever got the run before may have named so many topics that this one lost its number.
      const { address, slab } = run;
      const { kind, name } = address;
      const current = address.isRetired ? this.addressOf(session, kind, name) : address;
      this.message(session, current, this.#cutHeader, slab);
    }
  }

  /** [WIRE-4.2] If not, it should not have crossed the link; who sent it all the same is not obeyed. */
  #mayCross(header: RunHeader, from: Neighbour): boolean {
    if (((header.scope >> scopeRealmShift) & scopeRealmMask) >= from.realmNumber) return true;
    this.#host.strayed(header.messages);
    return false;
  }

  /** Sends a run on to all who want it, except where it came from. */
  #forward(from: Neighbour, address: Address, header: RunHeader, slab: Slab): void {
    const reach = this.#host.reach.of(address);
    const { faces } = reach;
    if (faces.length === 0 || (faces.length === 1 && faces[0] === from)) return;
    if ((header.scope & scopeHopMask) === 0) {
      this.#host.strayed(header.messages);
      return;
    }
    const out = this.#header;
    out.destination = address.number;
    out.source = from.source?.number ?? 0;
    out.scope = header.scope - 1;
    out.more = header.passedOn;
    const { outbox } = this.#host;
    const run = outbox.encodeRun(address, out, slab, header.bodyStart, header.bodyEnd);
    run.source = from.source;
    const realm = (header.scope >> scopeRealmShift) & scopeRealmMask;
    const takers = this.#fanOut(run, reach, from, realm);
    if (run.isPatient) this.#backPressure.check(from, address, takers, realm);
  }

  /** Hands a run of this process to all who want it. */
  publish(run: EncodedRun, realm: number): void {
    const { list } = run;
    if (list === undefined) this.#publishOne(run, realm);
    else if (!this.#several.publish(run, list, realm)) this.#publishEach(run, list, realm);
  }

  #publishEach(run: EncodedRun, list: AddressList, realm: number): void {
    const { bodySlab, bodyStart, bodyEnd } = run;
    const out = this.#header;
    out.source = 0;
    out.scope = run.scope;
    out.more = 0;
    for (const cut of splitRun(list, bodySlab.bytes, bodyStart, bodyEnd)) {
      const { address, slab } = cut;
      out.destination = address.number;
      const one = this.#host.outbox.encodeRun(address, out, slab, cut.bodyStart, cut.bodyEnd);
      this.#publishOne(one, realm);
    }
  }

  #publishOne(run: EncodedRun, realm: number): void {
    const address = run.address as Address;
    const reach = this.#host.reach.of(address);
    // The connection was lost in the tick in which they were published.
    if (reach.faces.length === 0 && this.#host.isCutOff) this.#host.dropped(address, run.messages);
    this.#fanOut(run, reach, undefined, realm);
  }

  /** Returns whom it goes to. */
  #fanOut(
    run: EncodedRun,
    reach: Reach,
    from: Neighbour | undefined,
    realm: number,
  ): readonly Neighbour[] {
    const takers = takersOf(reach, from, realm);
    for (let n = 0; n < takers.length; n++) {
      const neighbour = takers[n] as Neighbour;
      const dropped = neighbour.session.sender.send(run);
      if (dropped > 0) this.#dropped(neighbour, run, dropped);
    }
    return takers;
  }

  #dropped({ session }: Neighbour, run: EncodedRun, messages: number): void {
    const address = run.address as Address;
    this.#host.dropped(address, messages);
    const { maxRunBytes } = session.sender;
    // Our own server will never take it: that is no matter of being slow.
    if (session.isDialer && run.byteLength > maxRunBytes) {
      this.#host.oversized(session.link.remote, address.name, maxRunBytes);
    }
  }

  low(session: Session): void {
    this.#backPressure.relieve(neighbourOf(session));
    this.#host.relieved();
  }

  congestionChanged(session: Session, _address: Address, congestion: Congestion): void {
    if (congestion === "go") this.#backPressure.relieve(neighbourOf(session));
    this.#host.relieved();
  }

  gap(session: Session, address: Address, count: number): void {
    const from = neighbourOf(session);
    // Who may not publish there has lost nothing on its way there.
    if (!this.#rights.mayPublish(from, address)) return;
    this.#host.missed(from, address, count);
    for (const { session } of takersOf(this.#host.reach.of(address), from, widestRealm))
      session.sender.noteMissed(address, count);
  }

  interest(session: Session, statement: InterestStatement): void {
    this.#interests.state(neighbourOf(session), statement);
  }

  refused(session: Session, refusal: Refusal): void {
    this.#host.refused(neighbourOf(session), refusal);
  }

  closed(session: Session, error: OmnibusError | undefined): void {
    const neighbour = neighbourOf(session);
    this.all.delete(neighbour);
    this.router.removeFace(neighbour);
    this.#backPressure.forget(neighbour);
    this.#host.closed(neighbour, error);
    this.#host.relieved();
  }

  /** Keep-alive, dead peers and receivers without progress; to be called every second. */
  tick(nowMs: number, options: { keepAliveMs: number; stallMs: number }): void {
    // A process that was stopped, or a machine that slept, has heard nothing because it did not listen.
    const wasAway = nowMs - this.#lastTickMs > awayMs;
    this.#lastTickMs = nowMs;
    for (const neighbour of this.all) {
      const { session } = neighbour;
      if (wasAway) session.pardon(nowMs);
      session.tick(nowMs, options.keepAliveMs);
      if (
        (neighbour.principal?.expiresAtMs ?? Number.POSITIVE_INFINITY) <= this.#host.clock.wallMs()
      ) {
        session.end(new OmnibusError("not-authenticated", "the credentials have expired"));
      }
      neighbour.pace?.tick(session);
      neighbour.replays?.tick(session);
      if (session.sender.checkStall(nowMs, options.stallMs)) {
        this.#backPressure.relieve(neighbour);
        this.#host.relieved();
      }
    }
    this.#room.check(this.all);
  }

  /** Numbers are about to be given to other addresses. */
  forgetNumbers(addresses: readonly Address[]): void {
    // Who holds on to such an address does not thereby hold on to neighbours.
    for (const address of addresses) address.reach = undefined;
    const retired = new RetiredNumbers(addresses);
    for (const neighbour of this.all) {
      neighbour.session.sender.forget(retired);
      neighbour.judged.deleteAll(retired);
      neighbour.mayPublish.deleteAll(retired);
    }
  }
}

function neighbourOf(session: Session): Neighbour {
  return session.tag as Neighbour;
}
