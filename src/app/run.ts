import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { load } from "../config/load.ts";
import { compareWithDisk, type DiskState, diskStateText } from "../config/reload.ts";
import { messageOf } from "../core/errors.ts";
import { serveRoutes } from "../http/plain-server.ts";
import { PrometheusMeter } from "../http/prometheus-meter.ts";
import { openAccess } from "../kube/kube-access.ts";
import type { ReportOwner } from "../kube/reports.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type App, createApp } from "./app.ts";
import { systemClock } from "./clock.ts";
import { createLog, type LogLevel } from "./logger.ts";
import { serveStatusPage } from "./pages.ts";
import { type Loaded, loadConfiguration, makeParts, type Overrides, type Parts } from "./setup.ts";

/** Options of `aceso run`. */
export interface RunOptions {
  readonly configFile: string;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Undefined: no DaemonSet; cluster-wide pauses cannot be set then. */
  readonly daemonSet: string | undefined;
  readonly nodeName: string | undefined;
  /** Of this program. */
  readonly version: string;
  /** Name of this replica, as the pod's. */
  readonly instance: string;
  readonly logLevel: LogLevel;
  readonly overrides: Overrides;
  /** Stops the replica gracefully. */
  readonly signal: AbortSignal;
}

/** Longest time from the stop signal to the end of the process. */
const stopTimeoutMs = 15_000;
const diskLookMs = 60_000;
const versionTimeoutMs = 10_000;

/**
 * Runs one replica until the signal aborts.
 *
 * @returns the exit code: 0 after a graceful stop, 1 when something could not be stopped in time
 * @throws AcesoError for a configuration, provider or kubeconfig that cannot be used; nothing has been touched then
 */
export async function run(options: RunOptions): Promise<number> {
  const clock = systemClock;
  const log = createLog(options.logLevel).child({ instance: options.instance });
  const loaded = await loadConfiguration(options.configFile, options.overrides);
  const parts = await makeParts(loaded, { clock, log });
  for (const warning of loaded.config.warnings) log.warn({}, warning);
  for (const note of parts.notes) log.info({}, note);
  const meter = new PrometheusMeter();
  const app = start(options, loaded, parts, clock, log, meter);
  const { signal } = options;
  const stopping = new AbortController();
  if (signal.aborted) stopping.abort();
  signal.addEventListener("abort", () => stopping.abort(signal.reason), { once: true });
  await serve(options, loaded, parts, app, meter, clock, log, stopping.signal);
  const side = [
    checkVersion(app, clock, log, stopping.signal),
    watchDisk(options, loaded, clock, log, stopping.signal),
  ];
  log.info({ provider: parts.policy.provider?.id ?? "none", dryRun: parts.policy.isDryRun }, "started");
  const working = app.run(stopping.signal).then(() => "ended" as const);
  await Promise.race([working, aborted(stopping.signal)]);
  app.readiness.stop();
  stopping.abort();
  using deadline = clock.deadline(stopTimeoutMs);
  const how = await Promise.race([
    Promise.all([working, ...side]).then(() => "ended" as const),
    aborted(deadline.signal),
  ]);
  log.info({ how }, how === "ended" ? "stopped" : "stopped, but some work did not end in time");
  return how === "ended" ? 0 : 1;
}

function start(
  options: RunOptions,
  { config }: Loaded,
  parts: Parts,
  clock: Clock,
  log: Log,
  meter: PrometheusMeter,
): App {
  const access = openAccess({
    kubeconfig: options.kubeconfig ?? config.kubernetes.kubeconfig,
    context: options.context,
    servers: config.kubernetes.apiHosts,
  });
  return createApp({
    config,
    parts,
    clock,
    log,
    meter,
    access,
    namespace: options.namespace,
    daemonSet: options.daemonSet,
    nodeName: options.nodeName,
    instance: `${options.instance}_${randomUUID().slice(0, 8)}`,
    pod: podOf(options.overrides.env),
  });
}

/** The pod this process runs in, by the downward API. */
function podOf({ POD_NAME: name, POD_UID: uid }: Overrides["env"]): ReportOwner | undefined {
  return name && uid ? { name, uid } : undefined;
}

async function serve(
  options: RunOptions,
  { config }: Loaded,
  parts: Parts,
  app: App,
  meter: PrometheusMeter,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { probes, pages } = config.http;
  if (probes !== undefined) {
    const ready = async () => ((await app.readiness.isReady()) ? ok : { status: 503, text: "no API server answers\n" });
    const { port } = await serveRoutes(probes, { "/livez": () => ok, "/readyz": ready }, signal);
    log.info({ host: probes.host, port }, "serves probes");
  }
  if (pages === undefined) return;
  const { configFile: configSource, ...where } = options;
  const given = { ...where, app, http: config.http, parts, metrics: () => meter.text(), clock, log, configSource };
  await serveStatusPage(given, pages, signal).then(
    ({ port, isTls }) => log.info({ host: pages.host, port, tls: isTls }, "serves the status page and metrics"),
    (error: unknown) =>
      log.warn({ problem: messageOf(error) }, "status page and metrics cannot be served; healing goes on without them"),
  );
}

const ok = { status: 200, text: "ok\n" };

async function checkVersion(app: App, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  using deadline = clock.deadline(versionTimeoutMs, signal);
  try {
    const { gitVersion, outOfService } = await app.readVersion(deadline.signal);
    const fields = { version: gitVersion, outOfService };
    if (outOfService === "none")
      log.error(
        fields,
        "Kubernetes before 1.24 does not know the out-of-service taint: pods and volumes of a dead node are not freed",
      );
    else if (outOfService === "needs-gate")
      log.warn(
        fields,
        "Kubernetes 1.24 and 1.25 heed the out-of-service taint only with --feature-gates=NodeOutOfServiceVolumeDetach=true on kube-controller-manager",
      );
    else log.info(fields, "API server found");
  } catch (error) {
    if (!signal.aborted) log.warn({ problem: messageOf(error) }, "the API server's version could not be read");
  }
}

/** Says when config.yaml on disk is no longer what runs; it takes effect with a restart, so that all replicas agree. */
async function watchDisk(
  options: RunOptions,
  loaded: Loaded,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const running = await readFile(options.configFile, "utf8").catch(() => "");
  const validate = (text: string) =>
    load(text, { file: options.configFile, registry: loaded.registry, layers: options.overrides });
  let before: DiskState = { kind: "same" };
  while (!signal.aborted) {
    await clock.sleep(diskLookMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const disk = await readFile(options.configFile, "utf8").catch(() => undefined);
    if (disk === undefined) continue;
    const state = compareWithDisk({ running, disk, before, nowWallMs: clock.now().wallMs, validate });
    const text = diskStateText(state);
    if (text !== undefined && state !== before) log.warn({ file: options.configFile }, text);
    before = state;
  }
}

function aborted(signal: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("aborted");
    else signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
}
