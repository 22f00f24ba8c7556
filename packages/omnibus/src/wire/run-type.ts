/** The types of runs: the low four bits of a run's first byte. [WIRE-3.1] */
export const runType = {
  message: 0,
  hello: 1,
  alias: 2,
  interest: 3,
  advert: 4,
  credit: 5,
  ack: 6,
  ping: 7,
  pong: 8,
  gap: 9,
  bye: 10,
  fragment: 11,
  auth: 12,
  ready: 13,
  refusal: 14,
} as const;

/** In the first byte of a run that is not a message: who does not know its type skips it. [WIRE-3.2] */
export const optionalFlag = 0x80;

/** Flags in the first byte of a message run. [WIRE-4.1] */
export const messageFlag = { entry: 0x10, chosen: 0x20, log: 0x40, more: 0x80 } as const;

/** Flags in the second flags byte of a message run, there if `more` is set. [WIRE-4.3] */
export const moreFlag = {
  bulk: 0x01,
  returned: 0x02,
  redelivered: 0x04,
  replay: 0x08,
  /** The records go to an address each: their numbers follow. [WIRE-4.5] */
  several: 0x20,
} as const;

/** The `scope` byte: hop limit, realm, and what a full queue on the way does. [WIRE-4.2] */
export const scope = { hopMask: 0x1f, realmShift: 5, realmMask: 0x03, waitFlag: 0x80 } as const;

/** How many times a run may be forwarded. */
export const maxHops = 16;
