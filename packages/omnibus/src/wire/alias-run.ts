import { OmnibusError } from "../base/index.ts";
import { type Address, type AddressKind, addressKinds } from "./address.ts";
import { writeControlHeader } from "./run-header.ts";
import { runType } from "./run-type.ts";
import { varintLength, writeVarint } from "./varint.ts";

/** The most bytes of an address's name in an alias run. */
export const maxAddressNameBytes = 1024;
/** The most bytes that an alias run takes. */
export const maxAliasRunBytes: number = 1 + 2 + 3 + 1 + maxAddressNameBytes;

/** Numbers of addresses are below this. */
export const maxAliases = 65_536;

const decoder = new TextDecoder("utf-8", { fatal: true });

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
  at = writeControlHeader(bytes, at, runType.alias, contentBytes);
  at = writeVarint(bytes, at, address.number);
  bytes[at++] = addressKinds.indexOf(address.kind);
  bytes.set(name, at);
  return at + name.length;
}

/** Reads the content of an alias run. Throws `bad-run`. */
export function readAliasRun(bytes: Uint8Array, start: number, end: number): AliasStatement {
  let number = 0;
  let at = start;
  for (let shift = 0; shift < 21 && at < end; shift += 7) {
    const byte = bytes[at++] as number;
    number |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const kind = addressKinds[bytes[at++] as number];
  if (number === 0 || number >= maxAliases || kind === undefined || at > end) {
    throw new OmnibusError("bad-run", `an alias run gives number ${number} to an address of unknown kind`);
  }
  if (end - at > maxAddressNameBytes) {
    throw new OmnibusError("bad-run", `the name in an alias run has ${end - at} bytes; at most ${maxAddressNameBytes} are allowed`);
  }
  try {
    return { number, kind, name: decoder.decode(bytes.subarray(at, end)) };
  } catch (cause) {
    throw new OmnibusError("bad-run", "the name in an alias run is not UTF-8", { cause });
  }
}
