import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/** Any header of this name shows that a script sent the request, not a form of another site. */
export const scriptHeader = "x-aceso-request";

/**
 * The JSON object in the body.
 *
 * @throws Refusal 400, 403 without the script's header, 413, 415
 */
export async function readJson(
  request: IncomingMessage,
  mostBytes: number,
): Promise<Readonly<Record<string, unknown>>> {
  const { headers } = request;
  if (headers[scriptHeader] === undefined)
    throw new Refusal(403, "cross-site", `the header ${scriptHeader} is missing`);
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? ""))
    throw new Refusal(415, "unsupported-media-type", "the body must be application/json");
  if (Number(headers["content-length"] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  return objectOf((await readAll(request, mostBytes)).toString("utf8"));
}

/** By events: leaving a loop over the stream would close the connection before the refusal is sent. */
function readAll(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes <= mostBytes) parts.push(part);
      else reject(tooLarge(mostBytes));
    });
    request.once("end", () => resolve(Buffer.concat(parts)));
    request.once("error", reject);
    request.once("close", () => reject(new Refusal(400, "bad-request", "the body ended too early")));
  });
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, without what the parser quotes of it.
  }
  throw new Refusal(400, "bad-request", "the body is no JSON object");
}

function tooLarge(mostBytes: number): Refusal {
  return new Refusal(413, "too-large", `the body may have ${mostBytes} bytes`, { connection: "close" });
}
