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

/**
 * Whether a request that came in over the loopback interface asks for a name of this machine. Any other
 * name means that a page made its own name point here (DNS rebinding).
 */
export function isHostGood(
  host: string | undefined,
  localAddress: string,
  ownHost: string,
): boolean {
  if (!isLoopbackAddress(plainAddress(localAddress))) return true;
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.toLowerCase();
  const bare = name.startsWith("[") ? name.slice(1, -1) : name;
  return (
    isIP(bare) !== 0 ||
    bare === "localhost" ||
    bare.endsWith(".localhost") ||
    bare === ownHost.toLowerCase()
  );
}
