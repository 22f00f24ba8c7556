// Nothing is imported here: only then do bundlers put these numbers in place of their names.

/** Flags in the first byte of a body. [WIRE-5.1] */
export const bodyProducerFlag = 0x01;
export const bodyTimeFlag = 0x02;
/** What a reader of this version understands; other bits would mean fields that it cannot skip. */
export const bodyKnownFlags = 0x03;

/** The first byte of a record: its payload's format and flags. [WIRE-6.1] */
export const recordFormatMask = 0x03;
export const recordIdFlag = 0x04;
export const recordTimeFlag = 0x08;
export const recordCorrelationFlag = 0x10;
export const recordDeadlineFlag = 0x20;
export const recordHeadersFlag = 0x40;
export const recordAcknowledgedFlag = 0x80;

/** The flags that stand for fields. */
export const recordFieldsMask = 0x7c;

/** How a payload's bytes are to be read: the number in `recordFormatMask`. [WIRE-6.2] */
export type ValueFormat = 0 | 1 | 2 | 3;
/** The bytes are the value. */
export const formatBytes = 0;
/** UTF-8 text. */
export const formatText = 1;
/** JSON text in UTF-8; never written here, but passed on from foreign clients. */
export const formatJson = 2;
/** CBOR, as `encodeCbor` writes it. */
export const formatCbor = 3;
