import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Registry {
  /** As `127.0.0.1:40001`; speaks plain HTTP. */
  readonly address: string;
  /** Manifests by `name:tag`, as JSON text. */
  readonly manifests: ReadonlyMap<string, string>;
  /** Digests of what was pushed whole. */
  readonly blobs: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * As much of a private registry as a push needs. It keeps digests, not contents; one that does not fit is refused.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function startRegistry(): Promise<Registry> {
  const manifests = new Map<string, string>();
  const blobs = new Set<string>();
  const uploads = new Map<string, ReturnType<typeof createHash>>();

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://registry");
    const [, name = "", kind, rest = ""] = /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
    const end = (status: number, headers: Record<string, string> = {}) => response.writeHead(status, headers).end();
    if (pathname === "/v2/") return end(200);
    if (kind === "manifests" && request.method === "PUT") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      manifests.set(`${name}:${rest}`, Buffer.concat(chunks).toString());
      return end(201);
    }
    if (kind === "blobs" && request.method === "POST") {
      const id = randomUUID();
      uploads.set(id, createHash("sha256"));
      return end(202, { location: `/v2/${name}/blobs/uploads/${id}` });
    }
    const hash = uploads.get(rest.replace(/^uploads\//, ""));
    if (hash === undefined) return end(kind === "blobs" && blobs.has(rest) ? 200 : 404);
    for await (const chunk of request) hash.update(chunk);
    if (request.method === "PATCH") return end(202, { location: pathname });
    const digest = `sha256:${hash.digest("hex")}`;
    if (digest !== searchParams.get("digest")) return end(400);
    blobs.add(digest);
    return end(201, { location: `/v2/${name}/blobs/${digest}` });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    manifests,
    blobs,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
