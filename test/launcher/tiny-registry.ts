/** An npm registry on a free port that serves a few archives, or nothing at all. */
import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { PackageArchive } from "./package-archive.ts";

/** A running registry. */
export interface TinyRegistry extends AsyncDisposable {
  readonly url: string;
  /** How many archives were fetched. */
  readonly fetches: number;
  /** From now on requests wait, until `answer` is called. */
  hold(): void;
  answer(): void;
  /** Resolves when a request is being held. */
  asked(): Promise<void>;
}

/** Starts a registry that serves `archives`. */
export async function startRegistry(archives: readonly PackageArchive[]): Promise<TinyRegistry> {
  let fetches = 0;
  let isHeld = false;
  const held: (() => void)[] = [];
  let wake: () => void = () => {};
  const server = createServer((request, response) => {
    const serve = (): void => {
      const path = decodeURIComponent(request.url ?? "/");
      const archive = archives.find(({ name }) => path === `/${name}` || path === `/${name}.tgz`);
      if (archive === undefined) response.writeHead(404).end();
      else if (path.endsWith(".tgz")) {
        fetches++;
        response.end(archive.bytes);
      } else sendDocument(response, archive, url);
    };
    if (!isHeld) {
      serve();
      return;
    }
    held.push(serve);
    wake();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    get fetches() {
      return fetches;
    },
    hold: () => {
      isHeld = true;
    },
    answer: () => {
      isHeld = false;
      for (const serve of held.splice(0)) serve();
    },
    asked: () =>
      new Promise((resolve) => {
        if (held.length > 0) resolve();
        else wake = resolve;
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function sendDocument(response: ServerResponse, archive: PackageArchive, url: string): void {
  const { name, version, integrity } = archive;
  const dist = { tarball: `${url}/${name}.tgz`, integrity };
  const document = {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { name, version, dist } },
  };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(document));
}
