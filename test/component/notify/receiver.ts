import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON, read by assertions
  readonly body: any;
}

/** How the receiver treats one request, after it has read it. */
export type Treatment = (response: ServerResponse) => void;

export const take: Treatment = (response) => response.writeHead(204).end();
export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Treatment =>
  (response) =>
    response.writeHead(status, headers).end("no");
export const loseAnswer: Treatment = (response) => response.destroy();
export const staySilent: Treatment = () => undefined;

/** An HTTP server that keeps what it gets. The treatments are used up one by one, the last one for good. */
export async function startReceiver(
  treatments: readonly Treatment[] = [take],
  certificate?: { readonly cert: string; readonly key: string },
) {
  const received: Received[] = [];
  const left = [...treatments];
  const server = certificate === undefined ? createServer() : createSecureServer(certificate);
  server.on("request", async (request, response: ServerResponse) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    received.push({ headers: request.headers, text, body: text === "" ? undefined : JSON.parse(text) });
    const treat = left.length > 1 ? left.shift() : left[0];
    treat?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}/hooks/t0ken-in-the-path`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
