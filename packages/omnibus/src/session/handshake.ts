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

/** Whether a field of a statement is what it has to be. */
type Fits<T> = (value: unknown) => value is T;
type Fields<Shape extends readonly Fits<unknown>[]> = {
  [At in keyof Shape]: Shape[At] extends Fits<infer T> ? T : never;
};

const isText: Fits<string> = (value) => typeof value === "string";
const isBoolean: Fits<boolean> = (value) => typeof value === "boolean";
const isCount: Fits<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

function isOneOf<T extends string>(...texts: readonly T[]): Fits<T> {
  return (value): value is T => texts.includes(value as T);
}

/**
 * The fields that a statement begins with, of which each must fit; what a later version appends is ignored.
 * Throws `too-big`, `bad-run`.
 */
function decode<const Shape extends readonly Fits<unknown>[]>(
  bytes: Uint8Array,
  start: number,
  end: number,
  what: string,
  ...shape: Shape
): Fields<Shape> {
  if (end - start > maxHandshakeBytes)
    throw new OmnibusError("too-big", `${what} has ${end - start} bytes`);
  let fields: unknown;
  try {
    fields = decodeCbor(bytes, start, end);
  } catch (cause) {
    throw badRun(what, cause);
  }
  if (!Array.isArray(fields) || !shape.every((fits, at) => fits(fields[at]))) throw badRun(what);
  return fields as unknown as Fields<Shape>;
}

function badRun(what: string, cause?: unknown): OmnibusError {
  const text = `${what} is not of the form that the protocol describes`;
  return new OmnibusError("bad-run", text, { cause });
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

const isNodeId: Fits<Uint8Array> = (value): value is Uint8Array =>
  value instanceof Uint8Array && value.length === 32;
const isNodeName: Fits<string> = (value): value is string => isText(value) && value.length <= 256;
const isFrameSize: Fits<number> = (value): value is number =>
  isCount(value) && value >= leastMaxFrameBytes;

/** Throws `bad-run`, or `bad-version` if no version is spoken by both. */
export function decodeHello(bytes: Uint8Array, start: number, end: number): Hello {
  // The versions first: nothing is known of the rest of a hello in another version.
  const versions = decode(bytes, start, end, "hello", isCount, isCount);
  const [least, most] = versions;
  if (least > frameVersion || most < frameVersion) {
    throw new OmnibusError(
      "bad-version",
      `the other side speaks versions ${least} to ${most}, this side ${frameVersion}`,
    );
  }
  const [, , nodeId, name, incarnation, maxFrameBytes, isIntegrityProtected, capabilities] = decode(
    bytes,
    start,
    end,
    "hello",
    isCount,
    isCount,
    isNodeId,
    isNodeName,
    isCount,
    isFrameSize,
    isBoolean,
    isCount,
  );
  return {
    versions: [least, most],
    nodeId: nodeId.slice(),
    name,
    incarnation,
    maxFrameBytes,
    isIntegrityProtected,
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
  const isKind = isOneOf("anonymous", "token", "password");
  const [kind] = decode(bytes, start, end, "auth", isKind);
  if (kind === "anonymous") return { kind };
  const [, first] = decode(bytes, start, end, "auth", isKind, isText);
  if (kind === "token") return { kind, token: first };
  const [, , password] = decode(bytes, start, end, "auth", isKind, isText, isText);
  return { kind, user: first, password };
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  return encode([welcome.principal, welcome.role]);
}

export function decodeWelcome(bytes: Uint8Array, start: number, end: number): Welcome {
  const [principal, role] = decode(bytes, start, end, "ready", isText, isOneOf("leaf", "peer"));
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
  const shape = [isBoolean, isText, isCount, isCount] as const;
  const [isAdded, pattern, realmAt, replay] = decode(bytes, start, end, "interest", ...shape);
  const realm = realms[realmAt];
  if (realm === undefined) throw badRun("interest");
  checkPattern(pattern);
  return { isAdded, pattern, realm, replay };
}

export function encodeRefusal({ verb, name, error }: Refusal): Uint8Array {
  return encode([verb, name, errorNumberOf(error.code), textOf(error)]);
}

export function decodeRefusal(bytes: Uint8Array, start: number, end: number): Refusal {
  const shape = [isOneOf("publish", "subscribe"), isText, isCount, isText] as const;
  const [verb, name, code, text] = decode(bytes, start, end, "refusal", ...shape);
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
  const [code, text] = decode(bytes, start, end, "bye", isCount, isText);
  return errorFrom(code, text);
}
