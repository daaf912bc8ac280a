import { openCluster } from "../../src/app/cli-cluster.ts";
import { systemClock } from "../../src/app/clock.ts";
import type { Cluster } from "../../src/cli/cluster.ts";
import { type Explanation, explainAll, notWell } from "../../src/core/explain.ts";
import { type DemoWorld, daemonSet, namespace } from "./world.ts";

const everyMs = 1_000;
const timeoutMs = 5_000;

/** What `aceso explain` says of each node that is not well, asked again every second; and its pause. */
export class Explanations {
  readonly #world: DemoWorld;
  readonly #cluster: Cluster;
  #latest: ReadonlyMap<string, Explanation> = new Map();

  private constructor(world: DemoWorld, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  static async open(world: DemoWorld): Promise<Explanations> {
    const kubeconfig = await world.kubeconfigFile("you");
    return new Explanations(world, await openCluster({ kubeconfig, context: undefined, namespace, daemonSet }));
  }

  get latest(): ReadonlyMap<string, Explanation> {
    return this.#latest;
  }

  /** Asks until the signal aborts. A question that fails leaves the answer before. */
  async run(focus: () => string | undefined, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#ask(focus(), signal).catch(() => undefined);
      await systemClock.sleep(everyMs, signal).catch(() => undefined);
    }
    await this.#cluster.close();
  }

  /** As `aceso pause` and `aceso resume` do. @throws AcesoError */
  async setPause(isPaused: boolean): Promise<void> {
    using deadline = systemClock.deadline(timeoutMs);
    await this.#cluster.annotateDaemonSet({ "aceso.dev/paused": isPaused ? "from the demo" : null }, deadline.signal);
  }

  async #ask(focus: string | undefined, signal: AbortSignal): Promise<void> {
    using deadline = systemClock.deadline(timeoutMs, signal);
    const { view, now } = await this.#cluster.snapshot([], this.#world.configFile, deadline.signal);
    const names = new Set([...notWell(view, now), ...(focus === undefined ? [] : [focus])]);
    this.#latest = new Map(explainAll(view, now, [...names]).map((each) => [each.node, each]));
  }
}
