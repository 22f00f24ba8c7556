/** Certificates that nothing vouches for. */
const untrusted: readonly unknown[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
];

/** Why a server was not reached, in one sentence with a way out where one is known. */
export function dialReason(error: Error, isTls: boolean): string {
  const code = (error as { code?: unknown }).code;
  if (untrusted.includes(code)) {
    return "its certificate is not trusted; give it as `ca` (on the command line --ca FILE)";
  }
  const isBroken = code === "EPROTO" || (typeof code === "string" && code.startsWith("ERR_SSL_"));
  if (isTls && isBroken)
    return "it does not speak TLS at this port; try it without, tcp:// or ws://";
  if (isTls && code === "ECONNRESET") {
    return "it ended the connection before TLS began; perhaps it has none at this port: try tcp:// or ws://";
  }
  return error.message.split("\n")[0] ?? "";
}
