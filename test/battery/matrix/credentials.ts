/** Everybody who tries to get in, and what they may do there. */
import { forgedJwt, hs256 } from "../../../packages/omnibus/src/testing/index.ts";
import type { Rights } from "./policy.ts";

export const secret = "the secret that signs the tokens of the matrix";
export const password = "the right password of ada";

const r1: Rights = { subscribe: ["a/*"], publish: [] };
const ada: Rights = { publish: ["own/**"], subscribe: ["own/**"] };
const reader: Rights = { subscribe: ["a/**", "!a/secret"], publish: [] };
const writer: Rights = { publish: ["a/**", "!a/secret"], subscribe: ["b/**"] };
const nobody: Rights = { publish: [], subscribe: [] };
const anonymous: Rights = { publish: ["open/**"], subscribe: ["open/**", "!open/hidden"] };
const observer: Rights = { publish: ["**", "$sys/**"], subscribe: ["**", "$sys/**"] };

type TokenName = "reader" | "writer" | "nobody" | "observer" | "full";
const tokens: Readonly<Record<TokenName, Rights>> = { reader, writer, nobody, observer, full: {} };
export const tokenOf = (name: TokenName): string => `token-of-the-${name}-in-the-matrix`;

export interface Credential {
  readonly name: string;
  readonly shows:
    | { readonly kind: "anonymous" }
    | { readonly kind: "token"; readonly token: string }
    | { readonly kind: "password"; readonly user: string; readonly password: string };
  /** What they may do; undefined if they do not get in. */
  readonly rights: readonly Rights[] | undefined;
}

const list = (entries: readonly string[] | undefined): string => JSON.stringify(entries);
const rightsText = ({ publish, subscribe }: Rights): string =>
  [
    ...(publish === undefined ? [] : [`publish = ${list(publish)}`]),
    ...(subscribe === undefined ? [] : [`subscribe = ${list(subscribe)}`]),
  ].join(", ");

/** The configuration that says all this. */
export function configuration(passwordHash: string, hasAnonymous: boolean): string {
  const ofTokens = Object.entries(tokens).map(([name, rights]) => {
    const more = rightsText(rights);
    const token = tokenOf(name as TokenName);
    return `{ token = "${token}", name = "${name}"${more === "" ? "" : `, ${more}`} }`;
  });
  return [
    "[server]",
    `jwt_secret = "${secret}"`,
    `tokens = [${ofTokens.join(", ")}]`,
    ...(hasAnonymous ? [`anonymous = { ${rightsText(anonymous)} }`] : []),
    `[server.users.ada]`,
    `password_hash = "${passwordHash}"`,
    `roles = ["r1"]`,
    ...rightsText(ada).replaceAll("], ", "]\n").split("\n"),
    `[server.roles.r1]`,
    ...rightsText(r1).replaceAll("], ", "]\n").split("\n"),
    "[broker]",
    `history = ["**", "$sys/**"]`,
    "",
  ].join("\n");
}

/** All of them, at a server that lets anonymous clients in or does not. */
export function credentials(nowSecs: number, hasAnonymous: boolean): readonly Credential[] {
  const jwt = (claims: object, key = secret): string => forgedJwt(hs256, claims, key);
  const exp = nowSecs + 3600;
  const token = (name: string, value: string, rights?: readonly Rights[]): Credential => ({
    name,
    shows: { kind: "token", token: value },
    rights,
  });
  return [
    {
      name: "nothing",
      shows: { kind: "anonymous" },
      rights: hasAnonymous ? [anonymous] : undefined,
    },
    token("the reader's token", tokenOf("reader"), [reader]),
    token("the writer's token", tokenOf("writer"), [writer]),
    token("a token that may nothing", tokenOf("nobody"), [nobody]),
    token("a token without lists", tokenOf("full"), [{}]),
    token("a token nearly right", `${tokenOf("full")}x`),
    token("an empty token", ""),
    // Everything only where nobody has said who may do what: no user, no role, no list of a static token.
    token("a JWT of nobody who is known", jwt({ sub: "eve", exp }), [nobody]),
    token("a JWT with a role that there is not", jwt({ sub: "eve", exp, roles: ["r"] }), [nobody]),
    token("a JWT of a user without roles in it", jwt({ sub: "ada", exp }), [ada, r1]),
    token("a JWT with a role", jwt({ sub: "eve", exp, roles: ["r1"] }), [r1]),
    token("a JWT of a user", jwt({ sub: "ada", exp, roles: ["r1"] }), [ada, r1]),
    token("a JWT that has expired", jwt({ sub: "eve", exp: nowSecs - 1 })),
    token(
      "a JWT of another secret",
      jwt({ sub: "eve", exp }, "another secret of at least 32 bytes, yes"),
    ),
    {
      name: "the right password",
      shows: { kind: "password", user: "ada", password },
      rights: [ada, r1],
    },
    {
      name: "a wrong password",
      shows: { kind: "password", user: "ada", password: "wrong" },
      rights: undefined,
    },
    {
      name: "an unknown user",
      shows: { kind: "password", user: "bob", password },
      rights: undefined,
    },
    {
      name: "the default password",
      shows: { kind: "password", user: "admin", password: "password" },
      rights: undefined,
    },
  ];
}
