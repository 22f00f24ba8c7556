export { joinBytes, toHex } from "./bytes.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { crc32, crc32Short } from "./crc32.ts";
export { type ErrorFacts, errorTable } from "./error-table.ts";
export {
  asOmnibusError,
  type ErrorCode,
  errorCodeOf,
  errorNumberOf,
  OmnibusError,
} from "./errors.ts";
export { Listeners } from "./listeners.ts";
export { type Random, systemRandom } from "./random.ts";
export { type Realm, realmNumber, realms } from "./realm.ts";
export { defaultHandshakeMs, defaultMessageBytes } from "./shared-defaults.ts";
export { Slab, SlabPool } from "./slab.ts";
export {
  checkPattern,
  checkTopic,
  coversPattern,
  isPattern,
  matchesPattern,
  maxTopicBytes,
  patternsIntersect,
} from "./topic.ts";
export { TopicTrie } from "./topic-trie.ts";
export { NameBudget, nameCost, patternCost } from "./name-budget.ts";
