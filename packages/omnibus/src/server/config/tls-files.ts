import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { OmnibusError } from "../../base/index.ts";
import type { Settings } from "./settings.ts";

/** Reads certificate and key, both or none. Throws `bad-config` naming the setting and the file. */
export function readTlsFiles(settings: Settings): { cert: string; key: string } | undefined {
  const certPath = settings["server.tls_cert"];
  const keyPath = settings["server.tls_key"];
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath === undefined || keyPath === undefined) {
    throw new OmnibusError(
      "bad-config",
      "server.tls_cert and server.tls_key go together; `omnibus cert` makes both",
    );
  }
  const cert = read("server.tls_cert", certPath);
  const key = read("server.tls_key", keyPath);
  checkCertificate(cert, certPath);
  return { cert, key };
}

function checkCertificate(cert: string, path: string): void {
  try {
    // Throws if there is none in it; whether the key fits is seen when the port is opened.
    const { validTo } = new X509Certificate(cert);
    if (validTo === "") throw new Error("no end of validity");
  } catch (cause) {
    throw new OmnibusError("bad-config", `server.tls_cert: ${path} holds no certificate in PEM`, {
      cause,
    });
  }
}

function read(key: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const why = isMissing ? "does not exist" : "cannot be read";
    throw new OmnibusError("bad-config", `${key}: ${path} ${why}`, { cause });
  }
}
