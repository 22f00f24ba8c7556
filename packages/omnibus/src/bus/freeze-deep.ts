/** Freezes a decoded value and all in it that can be frozen; bytes and dates stay as they are. */
export function freezeDeep<T>(value: T): T {
  if (
    typeof value !== "object" ||
    value === null ||
    ArrayBuffer.isView(value) ||
    value instanceof Date
  )
    return value;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      freezeDeep(key);
      freezeDeep(item);
    }
  } else if (value instanceof Set) {
    for (const item of value) freezeDeep(item);
  } else {
    for (const item of Object.values(value)) freezeDeep(item);
  }
  return Object.freeze(value);
}
