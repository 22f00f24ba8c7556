import { createHmac, createPublicKey, createSign, generateKeyPairSync } from "node:crypto";

const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64url");
const part = (value: unknown): string =>
  base64(typeof value === "string" ? value : JSON.stringify(value));

/** The header of the tokens that are taken. */
export const hs256 = { alg: "HS256", typ: "JWT" } as const;

/** A token with any header and claims, signed by HMAC. */
export function forgedJwt(
  header: unknown,
  claims: unknown,
  key: string | Buffer,
  hash = "sha256",
): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${createHmac(hash, key).update(input).digest("base64url")}`;
}

export interface JwtAttackOptions {
  /** The secret of the server under attack. */
  readonly secret: string;
  /** Its time, in seconds. */
  readonly nowSecs: number;
  /** By how much a token is at least too early. Default: 1. */
  readonly marginSecs?: number;
}

/** Families of forged tokens, each in at least five forms; every one must be refused. */
export function jwtAttacks(options: JwtAttackOptions): Record<string, readonly string[]> {
  const { secret, nowSecs, marginSecs = 1 } = options;
  const good = { sub: "admin", exp: nowSecs + 3600 };
  const forged = (
    header: unknown,
    claims: unknown = good,
    key: string | Buffer = secret,
    hash?: string,
  ): string => forgedJwt(header, claims, key, hash);
  const [header = "", claims = "", signature = ""] = forged(hs256).split(".");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicPem = rsa.publicKey.export({ type: "spki", format: "pem" });
  const publicDer = rsa.publicKey.export({ type: "spki", format: "der" });

  function rsaSigned(alg: string, extra: object = {}): string {
    const input = `${part({ alg, ...extra })}.${part(good)}`;
    const signed = createSign("RSA-SHA256").update(input).sign(rsa.privateKey);
    return `${input}.${base64(signed)}`;
  }

  const none = ["none", "None", "NONE", "nOnE", "", null, 0, false];
  const jwk = { kty: "oct", k: base64("x".repeat(32)) };
  const publicJwk = createPublicKey(publicPem).export({ format: "jwk" });
  const attackKey = "x".repeat(32);

  return {
    "no signature by `none`": none.flatMap((alg) => [
      `${part({ alg })}.${claims}.`,
      `${part({ alg })}.${claims}.${signature}`,
    ]),
    "another algorithm": [
      forged({ alg: "HS384" }, good, secret, "sha384"),
      forged({ alg: "HS512" }, good, secret, "sha512"),
      forged({ alg: "HS384" }),
      forged({ alg: "hs256" }),
      forged({ alg: ["HS256"] }),
      forged({ typ: "JWT" }),
      rsaSigned("RS256"),
      rsaSigned("PS256"),
      rsaSigned("HS256"),
    ],
    "a public key as the secret": [
      forged(hs256, good, publicPem),
      forged(hs256, good, Buffer.from(publicPem).subarray(0, -1)),
      forged(hs256, good, publicDer),
      forged({ alg: "RS256" }, good, publicPem),
      forged({ alg: "ES256" }, good, publicPem),
    ],
    "a key named by the header": [
      ...[
        "../../../dev/null",
        "/dev/null",
        "' UNION SELECT 'x",
        "0",
        "http://evil.example/key",
      ].map((kid) => forged({ ...hs256, kid }, good, "")),
      forged({ ...hs256, kid: "x" }, good, "x"),
      forged({ ...hs256, kid: { toString: "x" } }, good, attackKey),
      forged({ ...hs256, kid: "../../jwt-secret" }, good, attackKey),
    ],
    "a key that the token brings": [
      forged({ ...hs256, jwk }, good, attackKey),
      forged({ alg: "RS256", jwk: publicJwk }),
      rsaSigned("RS256", { jwk: publicJwk }),
      rsaSigned("RS256", { x5c: [publicDer.toString("base64")] }),
      forged({ ...hs256, jku: "https://evil.example/jwks.json" }, good, attackKey),
      forged({ ...hs256, x5u: "https://evil.example/cert.pem" }, good, attackKey),
    ],
    "times that do not allow it": [
      forged(hs256, { sub: "a", exp: nowSecs }),
      forged(hs256, { sub: "a", exp: nowSecs - 0.001 }),
      forged(hs256, { sub: "a", exp: nowSecs - 1 }),
      forged(hs256, { sub: "a", exp: 0 }),
      forged(hs256, { sub: "a", exp: -1 }),
      forged(hs256, { sub: "a", exp: String(nowSecs + 3600) }),
      forged(hs256, { sub: "a", exp: null }),
      forged(hs256, { sub: "a", exp: [nowSecs + 3600] }),
      forged(hs256, { sub: "a", exp: true }),
      forged(hs256, { sub: "a" }),
      forged(hs256, { ...good, nbf: nowSecs + marginSecs }),
      forged(hs256, { ...good, nbf: "soon" }),
      forged(hs256, `{"sub":"a","exp":NaN}`),
    ],
    "a signature that is cut or changed": [
      `${header}.${claims}.`,
      `${header}.${claims}`,
      `${header}.${claims}.${signature.slice(0, -1)}`,
      `${header}.${claims}.${signature.slice(0, 10)}`,
      `${header}.${claims}.${signature}A`,
      `${header}.${claims}.${"A".repeat(43)}`,
      `${header}.${claims}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
      `${header}.${claims}.${signature}.`,
      `${header}.${claims}.${signature}.${signature}`,
      `${header}.${claims}.${createHmac("sha256", secret).update(`${header}.${claims}`).digest("hex")}`,
    ],
    "a secret that everybody knows": [
      "",
      "a_very_secret_key",
      "default_secret",
      "secret",
      "your-256-bit-secret",
      "supersecrettoken",
      secret.slice(0, -1),
      `${secret}x`,
      ` ${secret}`,
    ].map((key) => forged(hs256, good, key)),
    "changed contents": [
      `${header}.${part({ ...good, sub: "root" })}.${signature}`,
      `${part({ alg: "HS256" })}.${claims}.${signature}`,
      `${claims}.${header}.${signature}`,
      `${header}.${claims.slice(0, -2)}.${signature}`,
      `${header}..${signature}`,
      `.${claims}.${signature}`,
    ],
    "no token at all": [
      "",
      ".",
      "..",
      "...",
      "admin",
      "null",
      "a.b.c",
      "\0",
      "é.é.é",
      "{}",
      header,
    ],
    "claims that are none of ours": [
      forged(hs256, { exp: good.exp }),
      forged(hs256, { ...good, sub: "" }),
      forged(hs256, { ...good, sub: 7 }),
      forged(hs256, { ...good, sub: null }),
      forged(hs256, { ...good, sub: ["admin"] }),
      forged(hs256, { ...good, sub: "a\nb" }),
      forged(hs256, { ...good, sub: "x".repeat(257) }),
      forged(hs256, { ...good, roles: "admin" }),
      forged(hs256, { ...good, roles: [1] }),
      forged(hs256, { ...good, roles: Array.from({ length: 65 }, () => "r") }),
      forged(hs256, { ...good, cred: 1 }),
      forged(hs256, "[]"),
      forged(hs256, "null"),
      forged(hs256, `"admin"`),
      forged(hs256, "{"),
    ],
    "header extensions": [
      forged({ ...hs256, crit: ["exp"] }),
      forged({ ...hs256, crit: ["b64"], b64: false }),
      forged({ ...hs256, crit: [] }),
      forged({ ...hs256, crit: "exp" }),
      forged({ ...hs256, crit: ["x"], x: 1 }),
    ],
    "a huge token": [
      "x".repeat(1_000_000),
      `${"a".repeat(500_000)}.${"b".repeat(500_000)}.c`,
      `${header}.${part({ ...good, x: "x".repeat(1_000_000) })}.${signature}`,
      forged(hs256, { ...good, x: "x".repeat(8192) }),
      ".".repeat(1_000_000),
    ],
  };
}
