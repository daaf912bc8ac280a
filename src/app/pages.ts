import { randomUUID } from "node:crypto";
import type { Config } from "../config/config.ts";
import { servePages } from "../http/page-server.ts";
import { KubePeopleWrites } from "../kube/people-writes.ts";
import { KubeReviews } from "../kube/reviews.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { isLoopback } from "../util/loopback.ts";
import type { App } from "./app.ts";
import { readPageAssets } from "./page-assets.ts";
import type { Parts } from "./setup.ts";
import { LiveWardSource } from "./ward-source.ts";

/** What the status page of one replica is made of. */
export interface PagesOptions {
  readonly app: App;
  readonly http: Config["http"];
  readonly parts: Pick<Parts, "policy" | "probes" | "passive">;
  readonly metrics: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace: string;
  readonly daemonSet: string | undefined;
  readonly nodeName: string | undefined;
  readonly version: string;
  /** For people. */
  readonly configSource: string;
}

/** Serves status page, API and metrics until the signal aborts. @throws Error when the address cannot be listened on */
export async function serveStatusPage(
  options: PagesOptions,
  address: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<{ readonly port: number; readonly isTls: boolean }> {
  const { app, http, parts, metrics, clock, log, namespace, daemonSet, nodeName } = options;
  const { rest, leadership } = app;
  const source = new LiveWardSource({
    rest,
    log,
    namespace,
    daemonSet,
    parts,
    clock,
    leadership,
    leading: () => app.look(),
    servedBy: { instance: leadership.identity, node: nodeName ?? null },
    version: options.version,
    configSource: options.configSource,
    signal,
  });
  const home = { namespace, daemonSet };
  const { port } = await servePages(
    {
      address,
      tls: http.tls,
      readersNeedToken: !http.anyoneMayRead && !isLoopback(address.host),
      hostNames: http.hostNames,
      source,
      assets: await readPageAssets(),
      metrics,
      reviews: new KubeReviews(rest),
      writesAs: (token) => new KubePeopleWrites(rest.as(token), namespace, daemonSet),
      home,
      newId: randomUUID,
      clock,
      log,
    },
    signal,
  );
  return { port, isTls: http.tls !== undefined };
}
