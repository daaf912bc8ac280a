import type { Command } from "commander";
import type { CliPorts } from "./cli-ports.ts";
import type { ClusterFlags } from "./cluster.ts";

/** Options as commander hands them over. */
export interface ParsedCluster {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly daemonset: string;
}

/** Adds the flags of every command that talks to a cluster. */
export function withClusterOptions(command: Command, ports: CliPorts): Command {
  const { POD_NAMESPACE: podNamespace } = ports.env;
  return command
    .option("--kubeconfig <file>", "kubeconfig; else $KUBECONFIG, the pod's service account, ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig")
    .option("-n, --namespace <name>", "where Aceso lives", podNamespace || "aceso")
    .option("--daemonset <name>", "Aceso's DaemonSet, whose annotations pause everything; empty for none", "aceso");
}

export function clusterFlags(parsed: ParsedCluster): ClusterFlags {
  return {
    kubeconfig: parsed.kubeconfig,
    context: parsed.context,
    namespace: parsed.namespace,
    daemonSet: parsed.daemonset === "" ? undefined : parsed.daemonset,
  };
}
