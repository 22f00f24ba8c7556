export { createJsonAdapter } from "./adapter.ts";
export { type JsonErrorCode, type JsonErrorFacts, jsonErrorTable } from "./error-table.ts";
export { toBusName, toJsonName } from "./json-names.ts";
export type { JsonAdapterOptions, JsonHistory } from "./options.ts";
export { JsonStats } from "./stats.ts";
