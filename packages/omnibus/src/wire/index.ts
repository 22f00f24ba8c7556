export { Address, type AddressKind, addressKinds } from "./address.ts";
export { AddressList, hasRetired, markUsed } from "./address-list.ts";
export { type AliasStatement, readAliasRun, writeAliasRun } from "./alias-run.ts";
export { BodyReader, peekRecordCount } from "./body.ts";
export { type Producer, producerOf } from "./producer.ts";
export { ContentReader } from "./content-reader.ts";
export { foreignPorts } from "./foreign-ports.ts";
export {
  FrameReader,
  type FrameReaderOptions,
  isBodyIntact,
  type RunSink,
  writeFrameHead,
  writeHash,
} from "./frame.ts";
export { emptyHeader, type MessageHeader, writeMessageHeader } from "./message-header.ts";
export { RunHeader } from "./run-header.ts";
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
export { varintLength, writePaddedVarint, writeVarint } from "./varint.ts";
export { ByteWriter } from "./byte-writer.ts";
export { decodeCbor } from "./cbor-decode.ts";
export { encodeCbor } from "./cbor-encode.ts";
export { toJsonText } from "./json-text.ts";
export {
  bodyProducerFlag,
  bodyTimeFlag,
  formatBytes,
  formatCbor,
  formatJson,
  formatText,
  recordAcknowledgedFlag,
  recordCorrelationFlag,
  recordDeadlineFlag,
  recordFormatMask,
  recordHeadersFlag,
  recordIdFlag,
  recordTimeFlag,
  type ValueFormat,
} from "./record-flags.ts";
export {
  bodyHashBytes,
  frameHashBytes,
  frameVersion,
  listedBytes,
  maxAddressNameBytes,
  maxAliases,
  maxAliasRunBytes,
  maxFrameOverheadBytes,
  maxHopHeaderBytes,
  maxHops,
  maxListed,
  maxVarintBytes,
} from "./sizes.ts";
export { decodeValue, encodeValue } from "./value.ts";
