export {
  type HistoryEntry,
  type HistoryRule,
  MemoryHistory,
  type MemoryHistoryOptions,
} from "./memory-history.ts";
