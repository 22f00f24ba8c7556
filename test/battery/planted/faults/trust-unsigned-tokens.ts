/** The server believes a token without looking at its signature. */
import { decodeJwt } from "jose";
import { JwtTokens } from "../../../../packages/omnibus/src/server/auth/jwt.ts";

JwtTokens.prototype.verify = async (token) => {
  const { sub = "somebody", exp = 4_000_000_000 } = decodeJwt(token);
  return { subject: sub, roles: [], expiresAtMs: exp * 1000, credential: undefined };
};
