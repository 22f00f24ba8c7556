/** Puts another method in place of one of a class; `make` is given the one that was there. */
export function wrap<Prototype, Name extends keyof Prototype>(
  prototype: Prototype,
  name: Name,
  make: (original: Prototype[Name]) => Prototype[Name],
): void {
  prototype[name] = make(prototype[name]);
}
