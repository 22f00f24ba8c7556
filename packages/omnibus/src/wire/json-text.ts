import { asBadValue, entryStep, fieldStep, Unsendable, withStep } from "./unsendable.ts";
import { checkDepth, checkText, kindOf, timeOf } from "./value-kind.ts";

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
    throw asBadValue(error);
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
    case "function":
      throw new Unsendable("a function");
    case "symbol":
      throw new Unsendable("a symbol");
    case "undefined":
    case "boolean":
    case "number":
      return value;
  }
}

function jsonOfObject(value: object, depth: number): unknown {
  switch (kindOf(value)) {
    case "object":
      return jsonOfFields(value as Record<string, unknown>, depth);
    case "array":
      return jsonOfItems(value as unknown[], value, (index) => `[${index}]`, depth);
    case "set":
      return jsonOfItems(
        [...(value as Set<unknown>)],
        value,
        (index) => `.values()[${index}]`,
        depth,
      );
    case "map":
      return jsonOfMap(value as Map<unknown, unknown>, depth);
    case "date":
      return new Date(timeOf(value as Date)).toISOString();
    case "bytes":
      return base64Of(value as Uint8Array);
  }
}

function jsonOfItems(
  items: unknown[],
  container: object,
  stepOf: (index: number) => string,
  depth: number,
): unknown[] {
  checkDepth(container, depth);
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    let json: unknown;
    try {
      json = jsonOf(item, depth + 1);
    } catch (error) {
      throw withStep(error, container, stepOf(index));
    }
    if (copy === undefined && !Object.is(json, item)) copy = items.slice(0, index);
    copy?.push(json);
  }
  return copy ?? items;
}

function jsonOfFields(fields: Record<string, unknown>, depth: number): object {
  checkDepth(fields, depth);
  let copy: Record<string, unknown> | undefined;
  let name: string | undefined;
  try {
    for (name of Object.keys(fields)) {
      checkText(name);
      const field = fields[name];
      const json = jsonOf(field, depth + 1);
      if (copy === undefined && !Object.is(json, field)) copy = Object.assign(newRecord(), fields);
      if (copy !== undefined) copy[name] = json;
    }
  } catch (error) {
    throw withStep(error, fields, fieldStep(name));
  }
  return copy ?? fields;
}

function jsonOfMap(entries: ReadonlyMap<unknown, unknown>, depth: number): object {
  checkDepth(entries, depth);
  const pairs: [key: unknown, value: unknown][] = [];
  let hasTextKeys = true;
  let step = "";
  try {
    for (const [key, value] of entries) {
      step = `.keys()[${pairs.length}]`;
      if (typeof key !== "string") hasTextKeys = false;
      const jsonKey = jsonOf(key, depth + 1);
      step = entryStep(key, pairs.length);
      pairs.push([jsonKey, jsonOf(value, depth + 1)]);
    }
  } catch (error) {
    throw withStep(error, entries, step);
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
    binary += String.fromCharCode.apply(null, [...bytes.subarray(at, at + 8192)]);
  }
  return btoa(binary);
}
