import type { AddressList } from "./address-list.ts";
import {
  messageChosenFlag,
  messageEntryFlag,
  messageLogFlag,
  messageMoreFlag,
  messageType,
  severalFlag,
} from "./run-type.ts";
import { writeVarint } from "./varint.ts";

/** The fields of a message's hop header that the sender decides. */
export interface MessageHeader {
  destination: number;
  source: number;
  scope: number;
  entry: number;
  entrySequence: number;
  chosen: number;
  more: number;
  logPosition: number;
  logPrevious: number;
  /** The addresses of the records, if they go to several; `destination` is 0 then. */
  list?: AddressList | undefined;
}

/** A hop header in which nothing is said. */
export const emptyHeader: Readonly<MessageHeader> = {
  destination: 0,
  source: 0,
  scope: 0,
  entry: 0,
  entrySequence: 0,
  chosen: 0,
  more: 0,
  logPosition: 0,
  logPrevious: 0,
  list: undefined,
};

/** Writes a message's hop header at `at`; returns the offset after it, where the body belongs. */
export function writeMessageHeader(
  bytes: Uint8Array,
  at: number,
  header: MessageHeader,
  bodyBytes: number,
): number {
  const hasEntry = header.entry !== 0;
  const hasLog = header.logPosition !== 0;
  const { list } = header;
  // What says that a list follows stands and falls with the list.
  const more = list === undefined ? header.more & ~severalFlag : header.more | severalFlag;
  bytes[at++] =
    messageType |
    (hasEntry ? messageEntryFlag : 0) |
    (header.chosen === 0 ? 0 : messageChosenFlag) |
    (hasLog ? messageLogFlag : 0) |
    (more === 0 ? 0 : messageMoreFlag);
  at = writeVarint(bytes, at, header.destination);
  at = writeVarint(bytes, at, header.source);
  bytes[at++] = header.scope;
  if (hasEntry) {
    at = writeVarint(bytes, at, header.entry);
    at = writeVarint(bytes, at, header.entrySequence);
  }
  if (header.chosen !== 0) at = writeVarint(bytes, at, header.chosen);
  if (more !== 0) bytes[at++] = more;
  if (list !== undefined) at = writeList(bytes, at, list);
  if (hasLog) {
    at = writeVarint(bytes, at, header.logPosition);
    at = writeVarint(bytes, at, header.logPrevious);
  }
  return writeVarint(bytes, at, bodyBytes);
}

function writeList(bytes: Uint8Array, at: number, list: AddressList): number {
  at = writeVarint(bytes, at, list.length);
  for (let n = 0; n < list.length; n++) {
    const { number } = list.at(n);
    bytes[at++] = number;
    bytes[at++] = number >>> 8;
  }
  return at;
}
