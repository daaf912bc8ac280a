import type { ExamineRequest } from "../cli/cli-ports.ts";
import type { ClusterFlags } from "../cli/cluster.ts";
import { messageOf } from "../core/errors.ts";
import type {
  CertificateFacts,
  ConfigFacts,
  DoctorFacts,
  ProviderFacts,
  ReadConfig,
  ReceiverFacts,
  ServerFacts,
} from "../doctor/facts.ts";
import { type Seen, seenValue } from "../doctor/seen.ts";
import { readKeyPair } from "../http/key-pair.ts";
import { askServer } from "../kube/ask-server.ts";
import { connect } from "../kube/connect.ts";
import { type KubeAccess, openAccess } from "../kube/kube-access.ts";
import type { KubeRest } from "../kube/rest.ts";
import { tryReceiver } from "../notify/try-receiver.ts";
import { configMap, layersOf, readConfigMap, readDaemonSet } from "./cli-cluster-config.ts";
import { closeParts, type JudgedConfig, judgeConfig, readConfigText } from "./cli-config.ts";
import { systemClock } from "./clock.ts";
import { readCluster } from "./doctor-cluster.ts";
import { look, within } from "./doctor-look.ts";
import { askProvider } from "./doctor-provider.ts";
import { quietLog, quietMeter } from "./quiet-ports.ts";

const clock = systemClock;
/** For loading a configuration and making its provider, which may have to log in somewhere. */
const judgeMs = 30_000;
const readMs = 5_000;

/**
 * Reads everything that `aceso doctor` judges. Asks only, changes nothing; what cannot be read is a fact, too.
 *
 * @throws KubeAccessError when there is no kubeconfig to begin with; the signal's reason
 */
export async function examine(request: ExamineRequest, signal: AbortSignal): Promise<DoctorFacts> {
  const { kubeconfig, context } = request;
  const access = openAccess({ kubeconfig, context });
  const opened: KubeAccess[] = [access];
  let judged: Judged | undefined;
  try {
    const own = await askAll(access, access.servers, false, signal);
    const first = answering(own).length > 0 ? restOf(access) : undefined;
    judged = await judge(request, first, signal);
    const hosts = (judged.config?.config.kubernetes.apiHosts ?? []).map((it) => it.replace(/\/+$/, ""));
    const isOwn = (base: string) => access.servers.includes(base);
    const configured = await askAll(
      access,
      hosts.filter((it) => !isOwn(it)),
      true,
      signal,
    );
    const servers = [...own.map((it) => ({ ...it, isConfigured: hosts.includes(it.base) })), ...configured];
    const usable = answering(servers);
    if (usable.length > 0) opened.push(openAccess({ kubeconfig, context, servers: usable }));
    const rest = usable.length > 0 ? restOf(opened.at(-1) ?? access) : undefined;
    const cluster = rest && (await readCluster(rest, request, signal));
    const [provider, receiver, certificate] = await Promise.all([
      ask(judged, seenValue(cluster?.nodes ?? { kind: "missing" }), request, signal),
      tryNotifications(judged, signal),
      readCertificate(judged, signal),
    ]);
    const { namespace, daemonSet: daemonSetName } = request;
    return { namespace, daemonSetName, servers, config: judged.facts, provider, receiver, certificate, cluster };
  } finally {
    await closeParts(judged?.config?.parts);
    for (const it of opened) await it.close();
  }
}

function restOf(access: KubeAccess): KubeRest {
  return connect(access, clock, quietLog, quietMeter);
}

async function askAll(
  access: KubeAccess,
  bases: readonly string[],
  isConfigured: boolean,
  signal: AbortSignal,
): Promise<readonly ServerFacts[]> {
  return Promise.all(
    bases.map(async (base) => ({ base, isConfigured, answer: await askServer(access, base, clock, signal) })),
  );
}

/** Servers that can be asked further, those that are ready first. */
function answering(servers: readonly ServerFacts[]): readonly string[] {
  const status = (it: ServerFacts) => (it.answer.kind === "answered" ? it.answer.status : 0);
  const alive = servers.filter((it) => status(it) > 0 && status(it) !== 401);
  return alive.toSorted((a, b) => Number(status(a) >= 500) - Number(status(b) >= 500)).map((it) => it.base);
}

interface Judged {
  readonly facts: ConfigFacts;
  /** Undefined: refused or unreadable. */
  readonly config: JudgedConfig | undefined;
}

async function judge(request: ExamineRequest, rest: KubeRest | undefined, signal: AbortSignal): Promise<Judged> {
  const { configFile, namespace } = request;
  const source = configFile ?? `configmap/${configMap} in namespace ${namespace}`;
  const loading = within(() => load(request, source, rest, signal), judgeMs, clock, signal);
  const judged: Seen<JudgedConfig> = await look(loading, signal);
  const read: Seen<ReadConfig> = judged.kind === "seen" ? { kind: "seen", value: readConfig(judged.value) } : judged;
  const isFile = configFile !== undefined;
  return { facts: { source, isFile, read }, config: seenValue(judged) };
}

async function load(
  request: ExamineRequest,
  source: string,
  rest: KubeRest | undefined,
  signal: AbortSignal,
): Promise<JudgedConfig | undefined> {
  const text = await textOf(request, rest, signal);
  return text === undefined ? undefined : judgeConfig(text, source, layersOf(await daemonSetOf(rest, request, signal)));
}

async function textOf({ configFile, namespace }: ExamineRequest, rest: KubeRest | undefined, signal: AbortSignal) {
  if (configFile !== undefined) return readConfigText(configFile);
  return rest && readConfigMap(rest, namespace, signal);
}

async function daemonSetOf(rest: KubeRest | undefined, flags: ClusterFlags, signal: AbortSignal) {
  if (rest === undefined) return undefined;
  return (await readDaemonSet(rest, flags, signal)).object;
}

function readConfig({ config, parts }: JudgedConfig): ReadConfig {
  return {
    warnings: config.warnings,
    leaderElect: config.leaderElect,
    hasProbes: (parts?.probing.length ?? 0) > 0,
    provider: config.provider?.id,
    policy: parts?.policy,
  };
}

async function ask(
  { config }: Judged,
  nodes: Parameters<typeof askProvider>[1] | undefined,
  { asksAllMachines }: ExamineRequest,
  signal: AbortSignal,
): Promise<ProviderFacts> {
  if (config?.problem !== undefined) return { kind: "broken", problem: config.problem };
  const provider = config?.parts?.provider;
  if (provider === undefined || nodes === undefined) return { kind: "not-asked" };
  return askProvider(provider, nodes, asksAllMachines, clock, signal);
}

async function tryNotifications({ config }: Judged, signal: AbortSignal): Promise<ReceiverFacts | undefined> {
  const receiver = config?.config.notifications;
  return receiver && tryReceiver(receiver, clock, signal);
}

async function readCertificate({ config }: Judged, signal: AbortSignal): Promise<CertificateFacts | undefined> {
  const files = config?.config.http.tls;
  if (files === undefined) return undefined;
  try {
    const { names, validity } = await within((deadline) => readKeyPair(files, deadline), readMs, clock, signal);
    return { kind: "pair", names, validity, readAtWallMs: clock.now().wallMs };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "failed", problem: messageOf(error) };
  }
}
