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

/** A host as it stands in a URL. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
