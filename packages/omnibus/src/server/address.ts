import { isIPv6 } from "node:net";

const mappedPrefix = "::ffff:";

/** An IPv4 address in its own form also where the system shows it as an IPv6 one. */
export function plainAddress(address: string): string {
  return address.startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : address;
}

/** Whether an address, as `plainAddress` gives it, is this machine itself. */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** Whether a host to listen at, a name or an address, can be reached from this machine only. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || isLoopbackAddress(plainAddress(host));
}

/**
 * Whom an address stands for when connections or logins are counted: an IPv6 address for its network of
 * /64, which one customer has to himself; any other for itself. Takes what `plainAddress` gives.
 */
export function addressGroup(address: string): string {
  const plain = address.replace(/%.*$/s, "");
  if (!isIPv6(plain) || isLoopbackAddress(plain)) return address;
  const [front = "", back] = plain.split("::");
  const head = front === "" ? [] : front.split(":");
  // An IPv4 address at the end stands for two groups; it is behind the network's part all the same.
  const tail = back === undefined || back === "" ? [] : back.split(":");
  const tailGroups = tail.length + (tail.at(-1)?.includes(".") === true ? 1 : 0);
  const zeros = back === undefined ? 0 : 8 - head.length - tailGroups;
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill("0"), ...tail];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

/** The group that a socket's remote address is limited with; undefined: this machine, which is not limited. */
export function limitedGroup(remoteAddress: string): string | undefined {
  const address = plainAddress(remoteAddress);
  return isLoopbackAddress(address) ? undefined : addressGroup(address);
}

/** A host as it stands in a URL. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
