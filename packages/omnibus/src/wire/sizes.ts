// Nothing is imported here: only then do bundlers put these numbers in place of their names.

/** The version of the frame layout. [WIRE-2.1] */
export const frameVersion = 0;

/** Bytes of the hash at the end of a frame. [WIRE-2.3] */
export const frameHashBytes = 4;

/** Bytes around the runs of a frame, at most. */
export const maxFrameOverheadBytes: number = 1 + 8 + frameHashBytes;

/** The most bytes that a hop header takes, the list of a run for several addresses not counted. */
export const maxHopHeaderBytes = 64;

/** Bytes of one address in the list of a run for several. */
export const listedBytes = 2;

/** The most addresses that a run for several lists, which is the most records that it has. [WIRE-4.5] */
export const maxListed = 16_383;

/** Bytes of the CRC at the end of a body. */
export const bodyHashBytes = 4;

/** Bytes of a producer's id in a body. */
export const producerIdBytes = 16;

/** The shortest record: flags and a length of 0. */
export const leastRecordBytes = 2;

/** The most bytes of an address's name in an alias run. */
export const maxAddressNameBytes = 1024;

/** The most bytes that an alias run takes. */
export const maxAliasRunBytes: number = 1 + 2 + 3 + 1 + maxAddressNameBytes;

/** Numbers of addresses are below this. */
export const maxAliases = 65_536;

/** How many times a run may be forwarded. */
export const maxHops = 16;

/** The most bytes that a varint takes (2^53 - 1). */
export const maxVarintBytes = 8;
