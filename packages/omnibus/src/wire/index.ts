export { Address, type AddressKind, addressKinds } from "./address.ts";
export { AddressList, hasRetired, markUsed } from "./address-list.ts";
export {
  type AliasStatement,
  maxAddressNameBytes,
  maxAliases,
  maxAliasRunBytes,
  readAliasRun,
  writeAliasRun,
} from "./alias-run.ts";
export {
  bodyHashBytes,
  bodyProducerFlag,
  BodyReader,
  bodyTimeFlag,
  peekRecordCount,
  recordAcknowledgedFlag,
  recordCorrelationFlag,
  recordDeadlineFlag,
  recordFormatMask,
  recordHeadersFlag,
  recordIdFlag,
  recordTimeFlag,
} from "./body.ts";
export { ContentReader } from "./content-reader.ts";
export {
  frameHashBytes,
  FrameReader,
  type FrameReaderOptions,
  frameVersion,
  isBodyIntact,
  maxFrameOverheadBytes,
  type RunSink,
  writeFrameHead,
  writeHash,
} from "./frame.ts";
export {
  emptyHeader,
  maxHopHeaderBytes,
  type MessageHeader,
  writeMessageHeader,
} from "./message-header.ts";
export { listedBytes, maxListed, RunHeader } from "./run-header.ts";
export {
  ackType,
  advertType,
  aliasType,
  authType,
  bulkFlag,
  byeType,
  creditType,
  fragmentType,
  gapType,
  helloType,
  interestType,
  maxHops,
  messageChosenFlag,
  messageEntryFlag,
  messageLogFlag,
  messageMoreFlag,
  messageType,
  optionalFlag,
  pingType,
  pongType,
  readyType,
  redeliveredFlag,
  refusalType,
  replayFlag,
  returnedFlag,
  runType,
  scopeHopMask,
  scopeRealmMask,
  scopeRealmShift,
  scopeWaitFlag,
  severalFlag,
} from "./run-type.ts";
export { writeControlHeader, writeOwnHeader } from "./short-header.ts";
export { becomeSplit, type SplitRun, splitRun } from "./split-run.ts";
export { maxVarintBytes, varintLength, writePaddedVarint, writeVarint } from "./varint.ts";
export { ByteWriter } from "./byte-writer.ts";
export { decodeCbor } from "./cbor-decode.ts";
export { encodeCbor } from "./cbor-encode.ts";
export { toJsonText } from "./json-text.ts";
export {
  decodeValue,
  encodeValue,
  formatBytes,
  formatCbor,
  formatJson,
  formatText,
  type ValueFormat,
} from "./value.ts";
