/**
 * What it means if the first byte that comes over a stream is no version of ours, as the end of a sentence:
 * an answer in HTTP, an alert of TLS. Not for links that carry whole messages, whose own handshake finds out.
 */
export const foreignPorts: Readonly<Record<number, string>> = {
  0x48: "; this is no native port of Omnibus (it answers HTTP?)",
  0x15: "; this port speaks TLS: try tls://",
};
