import { createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ConnectionError } from "./errors.ts";

const derive = promisify(pbkdf2);
/** What a server may make us count. Below, the password is too easily guessed; above, it only wants our time. */
const iterations = { least: 4096, most: 1_000_000 };
const digest = "sha256";
const digestBytes = 32;
/** No channel binding: `n,,` in base64. */
const binding = "biws";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ScramExchange {
  readonly first: string;
  /** @returns our final message, and what the server's must be. @throws ConnectionError when it is not worth an answer */
  answer(serverFirst: string): Promise<{ readonly final: string; readonly expected: string }>;
}

/** SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side. @param nonce printable, without comma, never used before */
export function scramSha256({ username, password }: Credentials, nonce: string): ScramExchange {
  const bare = `n=${username.normalize("NFKC").replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  return {
    first: `n,,${bare}`,
    async answer(serverFirst) {
      const { serverNonce, salt, count } = readServerFirst(serverFirst, nonce);
      const salted = await derive(password.normalize("NFKC"), salt, count, digestBytes, digest);
      const withoutProof = `c=${binding},r=${serverNonce}`;
      const signed = `${bare},${serverFirst},${withoutProof}`;
      const clientKey = hmac(salted, "Client Key");
      const signature = hmac(createHash(digest).update(clientKey).digest(), signed);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
      const verifier = hmac(hmac(salted, "Server Key"), signed);
      return { final: `${withoutProof},p=${proof.toString("base64")}`, expected: `v=${verifier.toString("base64")}` };
    },
  };
}

/** Whether the server knows the password too. */
export function isExpected(serverFinal: string, expected: string): boolean {
  const [given, wanted] = [Buffer.from(serverFinal), Buffer.from(expected)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function readServerFirst(text: string, nonce: string): { serverNonce: string; salt: Buffer; count: number } {
  const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,8})(?:,|$)/.exec(text);
  const [, serverNonce = "", salt = "", digits = ""] = match ?? [];
  const count = Number(digits);
  const isFresh = serverNonce.startsWith(nonce) && serverNonce.length > nonce.length;
  if (match === null || !isFresh || count < iterations.least || count > iterations.most) {
    throw new ConnectionError("SASL: the daemon's part of SCRAM-SHA-256 makes no sense", { isConfiguration: true });
  }
  return { serverNonce, salt: Buffer.from(salt, "base64"), count };
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac(digest, key).update(data).digest();
}
