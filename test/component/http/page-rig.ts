import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type App, createApp } from "../../../src/app/app.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { makeParts } from "../../../src/app/setup.ts";
import { LiveWardSource } from "../../../src/app/ward-source.ts";
import { load } from "../../../src/config/load.ts";
import type { Assets } from "../../../src/http/assets.ts";
import type { KeyPairFiles } from "../../../src/http/key-pair.ts";
import type { PageLimits } from "../../../src/http/page-limits.ts";
import { servePages } from "../../../src/http/page-server.ts";
import { plainAccess } from "../../../src/kube/kube-access.ts";
import { KubePeopleWrites } from "../../../src/kube/people-writes.ts";
import { KubeReviews } from "../../../src/kube/reviews.ts";
import type { Log } from "../../../src/ports/log.ts";
import { nodeDraft, nodeLeaseDraft } from "../../sim/kube/fixtures.ts";
import { KubeSimulator } from "../../sim/kube/simulator.ts";
import { registry } from "../../support/config-loading.ts";
import { eventually } from "../../support/eventually.ts";
import { quietLog, quietMeter } from "../../support/quiet-ports.ts";

export interface PageRigOptions {
  /** Text of config.yaml. */
  readonly config?: string;
  readonly nodes?: readonly string[];
  readonly limits?: Partial<PageLimits>;
  readonly readersNeedToken?: boolean;
  readonly hostNames?: readonly string[];
  /** Another replica holds the Lease. */
  readonly isFollower?: boolean;
  readonly tls?: RigTls;
  readonly assets?: Assets;
  readonly log?: Log;
}

export interface RigTls {
  readonly files: KeyPairFiles;
  /** Of the authority, in PEM: whom the rig's own requests trust. */
  readonly ca: string;
}

/** An answer with its whole body. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** One replica of Aceso in this process with its page, on a simulated API server and real time. */
export interface PageRig extends AsyncDisposable {
  readonly kube: KubeSimulator;
  readonly app: App;
  readonly source: LiveWardSource;
  readonly port: number;
  ask(path: string, options?: AskOptions): Promise<Got>;
  /** A connection on which the test writes bytes of its own; with TLS after the handshake. */
  raw(): Promise<Socket>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const page: Assets = new Map([
  ["/", { body: "<!doctype html><title>page</title>", contentType: "text/html; charset=utf-8", etag: '"one"' }],
  ["/assets/page.js", { body: "export {};", contentType: "text/javascript; charset=utf-8", etag: '"two"' }],
]);

export async function pageRig(options: PageRigOptions = {}): Promise<PageRig> {
  const { nodes = ["n1", "n2", "n3"], readersNeedToken = false, hostNames = [] } = options;
  const kube = new KubeSimulator({ clock: systemClock });
  await kube.start();
  const { wallMs } = systemClock.now();
  for (const name of nodes) {
    kube.store.put("nodes", nodeDraft(name, wallMs));
    kube.store.put("leases", nodeLeaseDraft(name, wallMs));
  }
  const home = { namespace: "aceso", daemonSet: "aceso" };
  kube.store.put("daemonsets", { metadata: { name: "aceso", namespace: "aceso" }, spec: {}, status: {} });
  if (options.isFollower) kube.store.put("leases", otherLeader(wallMs));
  const config = load(options.config ?? "dry-run: true\n", {
    file: "config.yaml",
    registry,
    layers: { env: {}, flags: {} },
  });
  const parts = await makeParts({ config, registry }, { clock: systemClock, log: quietLog });
  const common = { clock: systemClock, log: options.log ?? quietLog };
  const app = createApp({
    ...common,
    ...home,
    config,
    parts,
    meter: quietMeter,
    access: plainAccess(kube.urls),
    nodeName: "n1",
    instance: "replica-1",
  });
  const stop = new AbortController();
  const { signal } = stop;
  const running = app.run(signal).catch(() => undefined);
  const source = new LiveWardSource({
    ...common,
    ...home,
    rest: app.rest,
    parts,
    leadership: app.leadership,
    leading: () => app.look(),
    servedBy: { instance: "replica-1", node: "n1" },
    version: "0.0.0",
    configSource: "config.yaml",
    signal,
  });
  let requests = 0;
  const { port, closed } = await servePages(
    {
      ...common,
      address: { host: "127.0.0.1", port: 0 },
      readersNeedToken,
      hostNames,
      source,
      assets: options.assets ?? page,
      tls: options.tls?.files,
      metrics: async () => "aceso_leader 1\n",
      reviews: new KubeReviews(app.rest),
      writesAs: (token) => new KubePeopleWrites(app.rest.as(token), home.namespace, home.daemonSet),
      home,
      newId: () => `request-${++requests}`,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    signal,
  );
  if (!options.isFollower) await eventually("the leader's view", () => app.look());
  return {
    kube,
    app,
    source,
    port,
    ask: (path, asked = {}) => ask(port, options.tls?.ca, path, asked),
    raw: () => rawSocket(port, options.tls?.ca),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the test is over"));
      await kube.stop();
      await Promise.all([running, closed]);
    },
  };
}

function otherLeader(wallMs: number) {
  const time = new Date(wallMs).toISOString();
  const spec = {
    holderIdentity: "replica-0",
    leaseDurationSeconds: 60,
    leaseTransitions: 1,
    acquireTime: time,
    renewTime: time,
  };
  return { metadata: { name: "aceso", namespace: "aceso" }, spec };
}

/** Asks 127.0.0.1. @param ca undefined: without TLS */
export function ask(port: number, ca: string | undefined, path: string, asked: AskOptions): Promise<Got> {
  const { method = "GET", headers, body } = asked;
  return new Promise((resolve, reject) => {
    // The path goes out as it is: a URL would be tidied up first.
    const target = { host: "127.0.0.1", port, path, method, headers: { ...headers }, agent: false };
    const take = (answer: IncomingMessage) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.once("error", reject);
    };
    // the certificate is for the address, whatever the Host header says
    const call: ClientRequest =
      ca === undefined ? request(target, take) : secureRequest({ ...target, ca, servername: "" }, take);
    call.once("error", reject);
    call.end(body);
  });
}

function rawSocket(port: number, ca: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const open = () => resolve(socket);
    const socket: Socket =
      ca === undefined ? connectSocket(port, "127.0.0.1", open) : connectTls({ host: "127.0.0.1", port, ca }, open);
    socket.once("error", reject);
  });
}
