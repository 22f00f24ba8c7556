/** What the first lines of a server say. */
export interface FirstLinesFacts {
  /** `ws://127.0.0.1:8080`, with the real host and port. */
  readonly url: string;
  readonly dataFolder: string;
  /** Whether a command in another terminal would look for this server in another data folder. */
  readonly isFolderUnusual?: boolean;
  /** The certificate that clients must trust, if it is self-signed; as the user wrote its path. */
  readonly certificate?: string | undefined;
}

/**
 * The first lines on standard output: where the server listens, in words that programs may wait for,
 * its data folder, and what to do next.
 */
export function firstLines(facts: FirstLinesFacts): string {
  const { url, dataFolder } = facts;
  const page = `${url.startsWith("wss:") ? "https" : "http"}://${reachableUrl(url).host}/`;
  return [
    `WebSocket server listening on ${url}`,
    `Data folder: ${dataFolder}`,
    `Console: ${page}`,
    `In another terminal, in the clone's folder: ${subCommand(facts)}`,
    "",
  ].join("\n");
}

/** The command that subscribes to such a server. */
export function subCommand(facts: FirstLinesFacts): string {
  const { url, dataFolder, isFolderUnusual, certificate } = facts;
  const isTls = url.startsWith("wss:");
  const reachable = reachableUrl(url);
  const isDefault = !isTls && reachable.host === "127.0.0.1:8080";
  const address = isDefault ? "" : ` --url ${isTls ? "tls" : "tcp"}://${hostAndPort(reachable)}`;
  const trust = isTls && certificate !== undefined ? ` --ca ${quoted(certificate)}` : "";
  const folder = isFolderUnusual === true ? ` --data ${quoted(dataFolder)}` : "";
  return `npx omnibus sub 'chat/**'${address}${folder}${trust}`;
}

/** Of a server on all addresses, one of them. */
function reachableUrl(url: string): URL {
  return new URL(url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]"));
}

/** With the port also where it is the scheme's own. */
function hostAndPort(url: URL): string {
  return url.port === "" ? `${url.host}:${url.protocol === "wss:" ? 443 : 80}` : url.host;
}

/** For a POSIX shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
