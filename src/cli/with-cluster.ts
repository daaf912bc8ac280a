import type { CliPorts } from "./cli-ports.ts";
import type { Cluster, ClusterFlags } from "./cluster.ts";

/** Connects for the time of one piece of work. */
export async function withCluster<T>(
  ports: CliPorts,
  flags: ClusterFlags,
  work: (cluster: Cluster, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cluster = await ports.connect(flags);
  try {
    return await work(cluster, ports.signal);
  } finally {
    await cluster.close();
  }
}
