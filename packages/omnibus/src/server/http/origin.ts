import { isIP } from "node:net";
import { isLoopbackAddress, plainAddress } from "../address.ts";

/** Whose pages may connect. */
export type OriginVerdict = "none" | "own" | "allowed" | "refused";

/**
 * Where a request's page comes from (DESIGN 13.6). `Origin` is absent outside of browsers. Our own is
 * the one whose host is the host that was asked for; the scheme may differ where a proxy ends TLS.
 */
export function judgeOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): OriginVerdict {
  if (origin === undefined) return "none";
  if (host !== undefined && isSameHost(origin, host)) return "own";
  return allowed.includes("*") || allowed.includes(origin) ? "allowed" : "refused";
}

function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  const asked = `${url.protocol}//${host}`;
  // Parsing drops the port that the scheme has by default, on both sides.
  return url.host !== "" && URL.canParse(asked) && new URL(asked).host === url.host;
}

/** The answer to a page that may not connect. */
export function originRefusal(origin: string): string {
  return (
    `Pages from ${printable(origin)} may not connect here. ` +
    `To let them, start the server with --allow-origin ${printable(origin)} (server.allow_origins).`
  );
}

/** At most 200 characters, and none that could do harm in a terminal or a page. */
export function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[^!-;=?-~]/g, "?");
}

/** What a request's Host header names. */
export type HostVerdict = "own" | "allowed" | "refused";

export interface HostRules {
  /** The host of the configuration. */
  readonly ownHost: string;
  /** Whose pages may connect. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Whether a request that came in over the loopback interface asks for a name of this machine, or for the
 * host of an origin that the operator allows, as one that a proxy on this machine passes on does. Any
 * other name means that a page made its own name point here (DNS rebinding); that `*` is allowed says
 * nothing about names.
 */
export function judgeHost(
  host: string | undefined,
  localAddress: string,
  { ownHost, allowedOrigins }: HostRules,
): HostVerdict {
  if (!isLoopbackAddress(plainAddress(localAddress))) return "own";
  const name = nameOf(`http://${host}`);
  if (host === undefined || name === undefined) return "refused";
  const isOwn =
    isIP(name) !== 0 ||
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === ownHost.toLowerCase();
  if (isOwn) return "own";
  return allowedOrigins.some((origin) => nameOf(origin) === name) ? "allowed" : "refused";
}

/** The host of a URL without its port and without brackets; undefined if there is none. */
function nameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const name = new URL(url).hostname.toLowerCase();
  const bare = name.startsWith("[") ? name.slice(1, -1) : name;
  return bare === "" ? undefined : bare;
}

/** The answer to who asks for another host. */
export function hostRefusal(host: string | undefined): string {
  const named = printable(host ?? "");
  return (
    `The Host header names ${named === "" ? "nothing" : named}, not this machine. To serve it behind a proxy, start the ` +
    `server with --allow-origin https://${named === "" ? "NAME" : named} (server.allow_origins).`
  );
}
