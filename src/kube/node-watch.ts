import { isDeepStrictEqual } from "node:util";
import type { LeaseSight, NodeFacts, NodeName } from "../core/model.ts";
import { type MonoMs, secondMs } from "../core/time.ts";
import type { Log } from "../ports/log.ts";
import type { NodeWatch } from "../ports/nodes.ts";
import { blindMs, LeaseSights } from "./lease-sight.ts";
import { Listeners } from "./listeners.ts";
import { NodeSight } from "./node-sight.ts";
import { listPages } from "./paged-list.ts";
import { kubeletLeasesPath, nodesPath, objectPath } from "./paths.ts";
import { projectNode } from "./project-node.ts";
import { Reflector } from "./reflector.ts";
import { RepeatedProblem } from "./repeated-problem.ts";
import type { KubeRest } from "./rest.ts";
import type { KubeObject } from "./wire.ts";

const smallCluster = 500;
const leaseEveryMs = 4 * secondMs;
const leaseEveryWhenLargeMs = 10 * secondMs;
const leasePageSize = 5_000;
const deadlineMs = 5 * secondMs;

/** Watches all Nodes and polls all kubelet Leases (polling 5,000 Leases costs a tenth of watching them). */
export class KubeNodeWatch implements NodeWatch {
  readonly #rest: KubeRest;
  readonly #log: Log;
  readonly #sight: NodeSight;
  readonly #leases: LeaseSights;
  readonly #reflector: Reflector<NodeFacts>;
  readonly #listeners: Listeners<NodeName | undefined>;
  #leasesReadAt: MonoMs | undefined;

  constructor(rest: KubeRest, log: Log) {
    const { clock, meter } = rest.parts;
    const now = () => clock.now().monoMs;
    this.#rest = rest;
    this.#log = log;
    this.#sight = new NodeSight(now);
    this.#leases = new LeaseSights(now);
    this.#listeners = new Listeners(log, meter, "nodes");
    this.#reflector = new Reflector(rest, log, {
      path: nodesPath,
      resource: "nodes",
      project: (object) => this.project(object),
      isSame: isHeartbeat,
      onRemove: (name) => this.#sight.forget(name),
      onAlive: (blindForMs) => {
        if (blindForMs >= blindMs) this.#restartAges();
      },
    });
    this.#reflector.onChange((name) => this.#listeners.notify(name));
  }

  /** Facts of a Node just read, by whatever call; the read counts for the ages. */
  project(object: KubeObject): NodeFacts {
    return projectNode(object, this.#sight);
  }

  get isSynced(): boolean {
    return this.#reflector.isSynced && this.#leasesReadAt !== undefined;
  }

  /** The older of the last complete Lease read and the last moment at which the Node watch was known to be alive. */
  get lastReadAtMonoMs(): MonoMs | undefined {
    const nodesAt = this.#reflector.isConnected
      ? this.#rest.parts.clock.now().monoMs
      : this.#reflector.lastEventAtMonoMs;
    if (nodesAt === undefined || this.#leasesReadAt === undefined) return undefined;
    return Math.min(nodesAt, this.#leasesReadAt);
  }

  nodes(): ReadonlyMap<NodeName, NodeFacts> {
    return this.#reflector.items;
  }

  leaseOf(node: NodeName): LeaseSight | undefined {
    return this.#leases.of(node);
  }

  async readNode(node: NodeName, signal: AbortSignal): Promise<NodeFacts | undefined> {
    const path = objectPath(nodesPath, node);
    const object = await this.#rest.find({ path, resource: "nodes", deadlineMs, signal });
    return object && this.project(object);
  }

  async readLease(node: NodeName, signal: AbortSignal): Promise<LeaseSight | undefined> {
    const path = objectPath(kubeletLeasesPath, node);
    const lease = await this.#rest.find({ path, resource: "leases", deadlineMs, signal });
    if (lease !== undefined) return this.#leases.see(node, lease);
    this.#leases.forget(node);
    return undefined;
  }

  onChange(listener: (node: NodeName | undefined) => void): () => void {
    return this.#listeners.add(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#sight.clear();
    this.#leases.clear();
    this.#leasesReadAt = undefined;
    await Promise.all([this.#reflector.run(signal), this.#pollLeases(signal)]);
  }

  async #pollLeases(signal: AbortSignal): Promise<void> {
    const { clock } = this.#rest.parts;
    const problem = new RepeatedProblem(clock, this.#log, "reading the kubelets' Leases");
    while (!signal.aborted) {
      const startedAt = clock.now().monoMs;
      try {
        await this.#readLeases(signal);
        problem.worked();
      } catch (error) {
        if (!signal.aborted) problem.failed(error);
      }
      const everyMs = this.nodes().size > smallCluster ? leaseEveryWhenLargeMs : leaseEveryMs;
      const waitMs = Math.max(secondMs / 2, startedAt + everyMs - clock.now().monoMs);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  async #readLeases(signal: AbortSignal): Promise<void> {
    const listed = new Set<NodeName>();
    const call = { path: kubeletLeasesPath, resource: "leases", pageSize: leasePageSize, deadlineMs, signal };
    const onItem = (lease: KubeObject) => {
      const name = lease.metadata?.name ?? "";
      listed.add(name);
      this.#leases.see(name, lease);
    };
    await listPages(this.#rest, call, onItem, () => listed.clear());
    this.#leases.keepOnly(listed);
    this.#leasesReadAt = this.#rest.parts.clock.now().monoMs;
    this.#listeners.notify(undefined);
  }

  /** The facts kept carry ages, so they are aged anew too. */
  #restartAges(): void {
    this.#sight.restart();
    const now = this.#rest.parts.clock.now().monoMs;
    this.#reflector.replace((facts) => ({
      ...facts,
      unschedulableSinceMonoMs: facts.isUnschedulable ? now : undefined,
      conditions: facts.conditions.map((condition) => ({ ...condition, changedAtMonoMs: now })),
    }));
  }
}

/** A kubelet posts its status every 5 min though nothing changed: no reason to judge the whole cluster again. */
function isHeartbeat(before: NodeFacts, after: NodeFacts): boolean {
  return isDeepStrictEqual({ ...before, resourceVersion: "" }, { ...after, resourceVersion: "" });
}
