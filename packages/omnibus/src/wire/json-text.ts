import { asBadValue } from "./unsendable.ts";
import { checkDepth, checkText, kindOf, timeOf, Unsendable } from "./value-kind.ts";

/**
 * A value as JSON text, for receivers that know JSON only: bigints as decimal text, bytes as base64,
 * dates as ISO 8601 text, maps as objects if all their keys are strings and else as arrays of pairs,
 * sets as arrays, NaN and infinities as null; fields that are undefined are left out, and undefined items
 * become null. Undefined itself has no such form. What cannot travel throws `bad-value` as `encodeCbor`
 * does.
 */
export function toJsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(jsonOf(value, 0));
  } catch (error) {
    throw asBadValue(error, value, jsonOf);
  }
}

/** The value with all that JSON lacks replaced; the value itself if there is nothing to replace. */
function jsonOf(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      checkText(value);
      return value;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : jsonOfObject(value, depth);
    case "undefined":
    case "boolean":
    case "number":
      return value;
    default:
      throw new Unsendable(`a ${typeof value}`);
  }
}

function jsonOfObject(value: object, depth: number): unknown {
  switch (kindOf(value)) {
    case "object":
      return jsonOfFields(value as Record<string, unknown>, depth);
    case "array":
      return jsonOfItems(value as unknown[], depth);
    case "set":
      return jsonOfItems([...(value as Set<unknown>)], depth);
    case "map":
      return jsonOfMap(value as Map<unknown, unknown>, depth);
    case "date":
      return new Date(timeOf(value as Date)).toISOString();
    case "bytes":
      return base64Of(value as Uint8Array);
  }
}

function jsonOfItems(items: unknown[], depth: number): unknown[] {
  checkDepth(depth);
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const json = jsonOf(item, depth + 1);
    if (copy === undefined && !Object.is(json, item)) copy = items.slice(0, index);
    copy?.push(json);
  }
  return copy ?? items;
}

function jsonOfFields(fields: Record<string, unknown>, depth: number): object {
  checkDepth(depth);
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    checkText(name);
    const field = fields[name];
    const json = jsonOf(field, depth + 1);
    if (copy === undefined && !Object.is(json, field)) copy = Object.assign(newRecord(), fields);
    if (copy !== undefined) copy[name] = json;
  }
  return copy ?? fields;
}

function jsonOfMap(entries: ReadonlyMap<unknown, unknown>, depth: number): object {
  checkDepth(depth);
  const pairs: [key: unknown, value: unknown][] = [];
  let hasTextKeys = true;
  for (const [key, value] of entries) {
    if (typeof key !== "string") hasTextKeys = false;
    pairs.push([jsonOf(key, depth + 1), jsonOf(value, depth + 1)]);
  }
  if (!hasTextKeys) return pairs;
  const fields = newRecord();
  for (const [key, value] of pairs) fields[key as string] = value;
  return fields;
}

/** An object in which `__proto__` is a name like any other. */
function newRecord(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}
