// A constant each, and nothing before them: only then do bundlers put the numbers in place of their names.

/** The types of runs: the low four bits of a run's first byte. [WIRE-3.1] */
export const messageType = 0;
export const helloType = 1;
export const aliasType = 2;
export const interestType = 3;
export const advertType = 4;
export const creditType = 5;
export const ackType = 6;
export const pingType = 7;
export const pongType = 8;
export const gapType = 9;
export const byeType = 10;
export const fragmentType = 11;
export const authType = 12;
export const readyType = 13;
export const refusalType = 14;

/** In the first byte of a run that is not a message: who does not know its type skips it. [WIRE-3.2] */
export const optionalFlag = 0x80;

/** Flags in the first byte of a message run. [WIRE-4.1] */
export const messageEntryFlag = 0x10;
export const messageChosenFlag = 0x20;
export const messageLogFlag = 0x40;
export const messageMoreFlag = 0x80;

/** Flags in the second flags byte of a message run, there if `messageMoreFlag` is set. [WIRE-4.3] */
export const bulkFlag = 0x01;
export const returnedFlag = 0x02;
export const redeliveredFlag = 0x04;
export const replayFlag = 0x08;
/** The records go to an address each: their numbers follow. [WIRE-4.5] */
export const severalFlag = 0x20;

/** The `scope` byte: hop limit, realm, and what a full queue on the way does. [WIRE-4.2] */
export const scopeHopMask = 0x1f;
export const scopeRealmShift = 5;
export const scopeRealmMask = 0x03;
export const scopeWaitFlag = 0x80;

type RunTypeName =
  | "message"
  | "hello"
  | "alias"
  | "interest"
  | "advert"
  | "credit"
  | "ack"
  | "ping"
  | "pong"
  | "gap"
  | "bye"
  | "fragment"
  | "auth"
  | "ready"
  | "refusal";

/** The types by name, for who lists them. */
export const runType: Readonly<Record<RunTypeName, number>> = {
  message: messageType,
  hello: helloType,
  alias: aliasType,
  interest: interestType,
  advert: advertType,
  credit: creditType,
  ack: ackType,
  ping: pingType,
  pong: pongType,
  gap: gapType,
  bye: byeType,
  fragment: fragmentType,
  auth: authType,
  ready: readyType,
  refusal: refusalType,
};
