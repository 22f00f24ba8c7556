import {
  checkPattern,
  errorCodeOf,
  errorNumberOf,
  OmnibusError,
  type Realm,
  realmNumber,
  realms,
} from "../base/index.ts";
import { ByteWriter, decodeCbor, encodeCbor, frameVersion } from "../wire/index.ts";

/** The least that a node must take as one frame: a full one, and more. [WIRE-2.5] */
export const leastMaxFrameBytes = 131_072;

/** Room in a frame beyond the largest message: headers, ids, and other runs. */
export const frameSpareBytes = 131_072;

/** The most characters of an error's text that travel. */
const maxTextLength = 1024;

/** Largest content of a run of the handshake. */
export const maxHandshakeBytes = 65_536;

/** What both sides say first. [WIRE-8.1] */
export interface Hello {
  readonly versions: readonly [least: number, most: number];
  /** 32 bytes. */
  readonly nodeId: Uint8Array;
  readonly name: string;
  /** Grows with every start of the node. */
  readonly incarnation: number;
  /** The largest frame that this side takes. */
  readonly maxFrameBytes: number;
  /** Whether this side sees that its transport detects changed bytes. */
  readonly isIntegrityProtected: boolean;
  /** Bits for features beyond this version. */
  readonly capabilities: number;
}

/** How a dialling side says who it is. [WIRE-8.3] */
export type SessionCredentials =
  | { readonly kind: "anonymous" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "password"; readonly user: string; readonly password: string };

/** What the accepting side answers. [WIRE-8.4] */
export interface Welcome {
  /** The principal's name. */
  readonly principal: string;
  readonly role: "leaf" | "peer";
}

/** One statement of interest, or its end. [WIRE-9.1] */
export interface InterestStatement {
  readonly isAdded: boolean;
  /** A topic or a pattern. */
  readonly pattern: string;
  readonly realm: Realm;
  /** How many messages of history of each topic are wanted first. */
  readonly replay: number;
}

/** What a neighbour will not do for us. [WIRE-9.3] */
export interface Refusal {
  readonly verb: "publish" | "subscribe";
  /** The topic or pattern. */
  readonly name: string;
  readonly error: OmnibusError;
}

function encode(value: unknown): Uint8Array {
  const writer = new ByteWriter(maxHandshakeBytes);
  encodeCbor(value, writer);
  return writer.view().slice();
}

function badRun(what: string): OmnibusError {
  return new OmnibusError("bad-run", `${what} is not of the form that the protocol describes`);
}

function decode(bytes: Uint8Array, start: number, end: number, what: string): readonly unknown[] {
  if (end - start > maxHandshakeBytes)
    throw new OmnibusError("too-big", `${what} has ${end - start} bytes`);
  let value: unknown;
  try {
    value = decodeCbor(bytes, start, end);
  } catch (cause) {
    throw new OmnibusError("bad-run", `${what} cannot be read`, { cause });
  }
  if (!Array.isArray(value)) throw badRun(what);
  return value;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

export function encodeHello(hello: Hello): Uint8Array {
  const { versions, nodeId, name, incarnation, maxFrameBytes, isIntegrityProtected, capabilities } =
    hello;
  return encode([
    versions[0],
    versions[1],
    nodeId,
    name,
    incarnation,
    maxFrameBytes,
    isIntegrityProtected,
    capabilities,
  ]);
}

/** Throws `bad-run`, or `bad-version` if no version is spoken by both. */
export function decodeHello(bytes: Uint8Array, start: number, end: number): Hello {
  const [least, most, nodeId, name, incarnation, maxFrameBytes, isProtected, capabilities] = decode(
    bytes,
    start,
    end,
    "hello",
  );
  if (!isCount(least) || !isCount(most)) throw badRun("hello");
  if (least > frameVersion || most < frameVersion) {
    throw new OmnibusError(
      "bad-version",
      `the other side speaks versions ${least} to ${most}, this side ${frameVersion}`,
    );
  }
  if (
    !(nodeId instanceof Uint8Array) ||
    nodeId.length !== 32 ||
    typeof name !== "string" ||
    name.length > 256
  )
    throw badRun("hello");
  if (
    !isCount(incarnation) ||
    !isCount(maxFrameBytes) ||
    maxFrameBytes < leastMaxFrameBytes ||
    typeof isProtected !== "boolean" ||
    !isCount(capabilities)
  )
    throw badRun("hello");
  return {
    versions: [least, most],
    nodeId: nodeId.slice(),
    name,
    incarnation,
    maxFrameBytes,
    isIntegrityProtected: isProtected,
    capabilities,
  };
}

export function encodeAuth(credentials: SessionCredentials): Uint8Array {
  if (credentials.kind === "token") return encode(["token", credentials.token]);
  if (credentials.kind === "password")
    return encode(["password", credentials.user, credentials.password]);
  return encode(["anonymous"]);
}

export function decodeAuth(bytes: Uint8Array, start: number, end: number): SessionCredentials {
  const [kind, first, second] = decode(bytes, start, end, "auth");
  if (kind === "anonymous") return { kind };
  if (kind === "token" && typeof first === "string") return { kind, token: first };
  if (kind === "password" && typeof first === "string" && typeof second === "string") {
    return { kind, user: first, password: second };
  }
  throw badRun("auth");
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  return encode([welcome.principal, welcome.role]);
}

export function decodeWelcome(bytes: Uint8Array, start: number, end: number): Welcome {
  const [principal, role] = decode(bytes, start, end, "ready");
  if (typeof principal !== "string" || (role !== "leaf" && role !== "peer")) throw badRun("ready");
  return { principal, role };
}

export function encodeInterest(statement: InterestStatement): Uint8Array {
  return encode([
    statement.isAdded,
    statement.pattern,
    realmNumber(statement.realm),
    statement.replay,
  ]);
}

export function decodeInterest(bytes: Uint8Array, start: number, end: number): InterestStatement {
  const [isAdded, pattern, realmAt, replay] = decode(bytes, start, end, "interest");
  const realm = isCount(realmAt) ? realms[realmAt] : undefined;
  if (
    typeof isAdded !== "boolean" ||
    typeof pattern !== "string" ||
    realm === undefined ||
    !isCount(replay)
  ) {
    throw badRun("interest");
  }
  checkPattern(pattern);
  return { isAdded, pattern, realm, replay };
}

export function encodeRefusal({ verb, name, error }: Refusal): Uint8Array {
  return encode([verb, name, errorNumberOf(error.code), textOf(error)]);
}

export function decodeRefusal(bytes: Uint8Array, start: number, end: number): Refusal {
  const [verb, name, code, text] = decode(bytes, start, end, "refusal");
  if (verb !== "publish" && verb !== "subscribe") throw badRun("refusal");
  if (typeof name !== "string" || !isCount(code) || typeof text !== "string")
    throw badRun("refusal");
  return { verb, name, error: errorFrom(code, text) };
}

/** What an error says, cut to what may travel; a cut pair of surrogates would not be text. */
function textOf(error: OmnibusError): string {
  return error.message.slice(0, maxTextLength).toWellFormed();
}

/** The error with that number; `text` begins with its code, as all messages of errors do. */
function errorFrom(code: number, text: string): OmnibusError {
  return new OmnibusError(
    errorCodeOf(code),
    text.replace(/^\[[a-z-]+\] /u, "").slice(0, maxTextLength),
  );
}

export function encodeBye(error: OmnibusError): Uint8Array {
  return encode([errorNumberOf(error.code), textOf(error)]);
}

/** The error that the other side ended the session with. */
export function decodeBye(bytes: Uint8Array, start: number, end: number): OmnibusError {
  const [code, text] = decode(bytes, start, end, "bye");
  if (!isCount(code) || typeof text !== "string") throw badRun("bye");
  return errorFrom(code, text);
}
