import { createHmac } from "node:crypto";

const prefix = "whsec_";

/** The key in the text of a secret file; empty where there is none. */
export function keyOf(text: string): string | Buffer {
  const secret = text.trim();
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), "base64") : secret;
}

/**
 * Headers by which a receiver knows who sent a body and when, in the form of Standard Webhooks: HMAC-SHA256 over
 * `id.timestamp.body`, in base64. https://www.standardwebhooks.com
 *
 * @param secret text of the file: used as it is, or in base64 behind `whsec_`
 */
export function signedHeaders(secret: string, id: string, wallMs: number, body: string): Record<string, string> {
  const timestamp = `${Math.floor(wallMs / 1_000)}`;
  const signature = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
