import type { IncomingMessage } from "node:http";

/**
 * The whole body as text; empty when there is none. Read by events: for thousands of small calls an iterator of the
 * stream costs more than the calls do. @throws Error when the client goes away before it has sent everything
 */
export function bodyText(incoming: IncomingMessage): Promise<string> {
  const { headers } = incoming;
  if (headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0") {
    incoming.resume();
    return Promise.resolve("");
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    incoming.once("error", reject);
  });
}
