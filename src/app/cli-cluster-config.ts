import type { ClusterFlags } from "../cli/cluster.ts";
import { keyFlags } from "../cli/run-command.ts";
import type { Layers } from "../config/layers.ts";
import { AcesoError, messageOf } from "../core/errors.ts";
import type { ClusterAnnotations } from "../core/view.ts";
import { daemonSetsPath, objectPath } from "../kube/paths.ts";
import type { KubeRest } from "../kube/rest.ts";
import { KubeCallError } from "../kube/status-error.ts";
import type { KubeObject } from "../kube/wire.ts";
import { judgeConfig, readConfigText } from "./cli-config.ts";
import type { Parts } from "./setup.ts";

/** ConfigMap of the manifest, and its key. */
export const configMap = "aceso";
const configKey = "config.yaml";

/** What Aceso is told in this cluster: its configuration, and the annotations of its DaemonSet. */
export interface ClusterConfig {
  readonly parts: Parts;
  readonly source: string;
  readonly annotations: ClusterAnnotations;
  readonly notes: readonly string[];
}

/**
 * Reads the ConfigMap, with what the DaemonSet's environment and arguments overrule, or the file that the user names.
 * A ConfigMap that cannot be used here is a note, and the defaults are assumed.
 *
 * @throws AcesoError when the named file cannot be used
 */
export async function readClusterConfig(
  rest: KubeRest,
  flags: ClusterFlags,
  file: string | undefined,
  signal: AbortSignal,
): Promise<ClusterConfig> {
  const daemonSet = await readDaemonSet(rest, flags, signal);
  const { annotations } = daemonSet;
  const layers = layersOf(daemonSet.object);
  if (file !== undefined) {
    const { parts, problem } = await judgeConfig(await readConfigText(file), file, layers);
    if (parts !== undefined) return { parts, source: file, annotations, notes: [] };
    return {
      parts: await defaultParts(),
      source: "defaults",
      annotations,
      notes: [`${file}: ${problem}; the defaults are assumed`],
    };
  }
  const source = `configmap/${configMap} in namespace ${flags.namespace}`;
  try {
    const text = await readConfigMap(rest, flags.namespace, signal);
    const { parts, problem } = await judgeConfig(text, source, layers);
    if (parts !== undefined) return { parts, source, annotations, notes: [] };
    throw new UnusableConfig(problem ?? "");
  } catch (error) {
    if (!(error instanceof AcesoError) || signal.aborted) throw error;
    const note = `${source} cannot be used here, so the defaults are assumed (name a file with --config): ${messageOf(error)}`;
    return { parts: await defaultParts(), source: "defaults", annotations, notes: [note] };
  }
}

class UnusableConfig extends AcesoError {
  readonly code = "ACESO_CONFIG";
  readonly remedy = "ask-operator";
}

async function defaultParts(): Promise<Parts> {
  const { parts } = await judgeConfig("", "defaults");
  if (parts === undefined) throw new UnusableConfig("the defaults make no configuration");
  return parts;
}

/** Text of the configuration in the cluster. @throws KubeCallError UnusableConfig when its key is missing */
export async function readConfigMap(rest: KubeRest, namespace: string, signal: AbortSignal): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${configMap}`;
  const { data } = await rest.call({ method: "GET", path, resource: "configmaps", signal });
  const text = (data as Readonly<Record<string, string>> | undefined)?.[configKey];
  if (text === undefined) throw new UnusableConfig(`it has no key ${configKey}`);
  return text;
}

/** Aceso's DaemonSet; what cannot be read counts as paused. */
export async function readDaemonSet(
  rest: KubeRest,
  { namespace, daemonSet }: ClusterFlags,
  signal: AbortSignal,
): Promise<{ readonly annotations: ClusterAnnotations; readonly object: KubeObject | undefined }> {
  if (daemonSet === undefined) return { annotations: { kind: "none" }, object: undefined };
  const path = objectPath(daemonSetsPath(namespace), daemonSet);
  try {
    const object = await rest.call({ method: "GET", path, resource: "daemonsets", signal });
    return { annotations: { kind: "read", annotations: object.metadata?.annotations ?? {} }, object };
  } catch (error) {
    if (!(error instanceof KubeCallError)) throw error;
    return { annotations: { kind: "unreadable", problem: messageOf(error) }, object: undefined };
  }
}

interface Container {
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly args?: readonly string[];
}

/** What environment and arguments of the DaemonSet overrule, as far as they stand there in plain text. */
export function layersOf(daemonSet: KubeObject | undefined): Layers {
  const spec = daemonSet?.spec as { template?: { spec?: { containers?: readonly Container[] } } } | undefined;
  const container = spec?.template?.spec?.containers?.[0];
  const env = (container?.env ?? []).flatMap(({ name, value }) =>
    name && value !== undefined ? [[name, value] as const] : [],
  );
  return { env: Object.fromEntries(env), flags: flagsOf(container?.args ?? []) };
}

function flagsOf(args: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [index, arg] of args.entries()) {
    const [, name = "", inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const after = args[index + 1];
    const value = inline ?? (after === undefined || after.startsWith("-") ? "true" : after);
    const [, path, set] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
    if (name === "set" && path !== undefined && set !== undefined) flags[path] = set;
    else if (keyFlags.some(({ key }) => key === name)) flags[name] = value;
  }
  return flags;
}
