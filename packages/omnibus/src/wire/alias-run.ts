import { checkTopic } from "../base/index.ts";
import { type Address, type AddressKind, addressKinds } from "./address.ts";
import { ContentReader } from "./content-reader.ts";
import { writeControlHeader } from "./short-header.ts";
import { aliasType } from "./run-type.ts";
import { maxAddressNameBytes, maxAliases } from "./sizes.ts";
import { varintLength, writeVarint } from "./varint.ts";

/** The ids of endpoints (UUIDs) and nodes (keys), in hexadecimal; a node's incarnation may follow. */
const endpointName = /^[0-9a-f]{32}$/u;
const nodeName = /^[0-9a-f]{64}(?:\.[0-9]{1,16})?$/u;

/** What an alias run says. */
export interface AliasStatement {
  readonly number: number;
  readonly kind: AddressKind;
  readonly name: string;
}

/** Writes an alias run at `at`; returns the offset after it. [WIRE-7.2] */
export function writeAliasRun(bytes: Uint8Array, at: number, address: Address): number {
  const name = address.nameBytes;
  const contentBytes = varintLength(address.number) + 1 + name.length;
  at = writeControlHeader(bytes, at, aliasType, contentBytes);
  at = writeVarint(bytes, at, address.number);
  bytes[at++] = addressKinds.indexOf(address.kind);
  bytes.set(name, at);
  return at + name.length;
}

/**
 * Reads the content of an alias run. Throws `bad-run`, and `bad-topic` for a name that cannot be
 * published to. [WIRE-7.2]
 */
export function readAliasRun(bytes: Uint8Array, start: number, end: number): AliasStatement {
  const content = new ContentReader(bytes, start, end, "an alias run");
  const number = content.varint();
  if (number === 0 || number >= maxAliases) throw content.error(`gives the number ${number}`);
  const kindAt = content.u8();
  const kind = addressKinds[kindAt];
  if (kind === undefined) throw content.error(`names an address of unknown kind ${kindAt}`);
  if (content.left > maxAddressNameBytes)
    throw content.error(`has a name of ${content.left} bytes`);
  const name = content.text();
  if (kind === "topic") checkTopic(name);
  else if (!(kind === "node" ? nodeName : endpointName).test(name)) {
    throw content.error(`has a name that is not the id of a ${kind}`);
  }
  return { number, kind, name };
}
