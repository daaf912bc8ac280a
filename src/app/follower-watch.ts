import { messageOf } from "../core/errors.ts";
import type { LeaseSight, NodeFacts, NodeName, ObserverView } from "../core/model.ts";
import { type MonoMs, type Now, secondMs } from "../core/time.ts";
import type { ClusterAnnotations, ClusterView } from "../core/view.ts";
import { KubeJournal } from "../kube/journal.ts";
import { listPages } from "../kube/paged-list.ts";
import { kubeletLeasesPath, nodesPath, reportsPath } from "../kube/paths.ts";
import { DaemonSetPause, NoPause } from "../kube/pause-source.ts";
import { Reflector } from "../kube/reflector.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { KubeWorkloads } from "../kube/workloads.ts";
import type { LeaderSight } from "../ports/leadership.ts";
import type { Log } from "../ports/log.ts";
import type { PauseSource } from "../ports/pause.ts";
import type { Journal } from "../ports/repairs.ts";
import { atServer, leaseByStamp, projectByStamps, reportByStamps } from "./cli-stamps.ts";
import type { Parts } from "./setup.ts";
import { stampedView } from "./stamped-view.ts";

export interface FollowerOptions {
  readonly rest: KubeRest;
  readonly log: Log;
  readonly namespace: string;
  readonly daemonSet: string | undefined;
  readonly parts: Pick<Parts, "policy" | "probes" | "passive">;
  readonly leader: () => LeaderSight | undefined;
}

const leasesEveryMs = 5 * secondMs;
const leasesEveryWhenLargeMs = 10 * secondMs;
const smallCluster = 500;
const readyEveryMs = 50;

/**
 * What a replica that does not lead sees of the cluster: nothing is read until somebody looks, then everything is
 * watched until nobody has looked for a while. Ages are by the objects' own timestamps and the API server's clock, as
 * in the answers of the command line: whoever has just begun to watch has seen no change.
 */
export class FollowerWatch {
  readonly #options: FollowerOptions;
  readonly #nodes: Reflector<NodeFacts>;
  readonly #reports: Reflector<ObserverView>;
  readonly #journal: Journal;
  readonly #pause: PauseSource;
  #leases: ReadonlyMap<NodeName, LeaseSight> | undefined;
  #etcd: ClusterView["etcd"];
  /** A watch that has not begun says that everything is paused. */
  #pauseAtFirst: ClusterAnnotations = { kind: "none" };
  #isPauseWatched = false;
  /** The server's wall clock minus our monotonic one. */
  #serverAheadMs: number | undefined;
  #problem: string | undefined;

  constructor(options: FollowerOptions) {
    const { rest, log, namespace, daemonSet } = options;
    this.#options = options;
    this.#nodes = new Reflector(rest, log, { path: nodesPath, resource: "nodes", project: projectByStamps });
    this.#reports = new Reflector(rest, log, {
      path: reportsPath(namespace),
      resource: "observerreports",
      project: (object) => reportByStamps(object, this.#now()),
    });
    this.#journal = new KubeJournal(rest, log);
    this.#pause = daemonSet === undefined ? new NoPause() : new DaemonSetPause(rest, log, namespace, daemonSet);
  }

  /** Undefined until everything was read once. */
  look(): { readonly view: ClusterView; readonly now: Now } | undefined {
    const leases = this.#leases;
    const areRead = this.#nodes.isSynced && this.#reports.isSynced && this.#journal.isSynced;
    if (!areRead || leases === undefined) return undefined;
    const now = this.#now();
    const view = stampedView({
      parts: this.#options.parts,
      nodes: this.#nodes.items,
      leases,
      observers: [...this.#reports.items.values()],
      records: this.#journal.records(),
      cluster: this.#isPauseWatched ? this.#pause.current() : this.#pauseAtFirst,
      etcd: this.#etcd,
      leader: this.#options.leader(),
      now,
    });
    return { view, now };
  }

  /** Why nothing could be read; undefined: nothing went wrong. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads and watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#leases = undefined;
    this.#etcd = undefined;
    this.#isPauseWatched = false;
    await this.#readClock(signal);
    this.#pauseAtFirst = await this.#pause.read(signal);
    if (signal.aborted) return;
    const unlisten = this.#pause.onChange(() => {
      this.#isPauseWatched = true;
    });
    const sources = [this.#nodes, this.#reports, this.#journal, this.#pause].map((it) => it.run(signal));
    await Promise.allSettled([...sources, this.#pollLeases(signal)]);
    unlisten();
    this.#leases = undefined;
  }

  /** Resolves when `look` answers. @throws the signal's reason */
  async synced(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.rest.parts;
    while (this.look() === undefined) await clock.sleep(readyEveryMs, signal);
  }

  #now(): Now {
    const { monoMs, wallMs } = this.#options.rest.parts.clock.now();
    return atServer(this.#serverAheadMs === undefined ? wallMs : monoMs + this.#serverAheadMs);
  }

  async #readClock(signal: AbortSignal): Promise<void> {
    const { rest } = this.#options;
    const date = await readServerDate(rest, signal).catch((error: unknown) => this.#failed(error));
    const { monoMs } = rest.parts.clock.now();
    this.#serverAheadMs = date === undefined ? undefined : date - monoMs;
  }

  /** Leases are polled, as the leader does: that costs a tenth of watching them. */
  async #pollLeases(signal: AbortSignal): Promise<void> {
    const { rest } = this.#options;
    const { clock } = rest.parts;
    const workloads = new KubeWorkloads(rest);
    while (!signal.aborted) {
      const startedAt: MonoMs = clock.now().monoMs;
      try {
        this.#etcd = await workloads.etcdMembers(signal).catch(() => undefined);
        this.#leases = await this.#readLeases(signal);
        this.#problem = undefined;
      } catch (error) {
        this.#failed(error);
      }
      const everyMs = this.#nodes.items.size > smallCluster ? leasesEveryWhenLargeMs : leasesEveryMs;
      const waitMs = Math.max(secondMs / 2, startedAt + everyMs - clock.now().monoMs);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  async #readLeases(signal: AbortSignal): Promise<ReadonlyMap<NodeName, LeaseSight>> {
    const leases = new Map<NodeName, LeaseSight>();
    const call = { path: kubeletLeasesPath, resource: "leases", pageSize: 5_000, deadlineMs: 5 * secondMs, signal };
    const now = this.#now();
    await listPages(
      this.#options.rest,
      call,
      (object) => {
        const sight = leaseByStamp(object, now);
        if (sight !== undefined) leases.set(object.metadata?.name ?? "", sight);
      },
      () => leases.clear(),
    );
    return leases;
  }

  #failed(error: unknown): undefined {
    this.#problem = messageOf(error);
    return undefined;
  }
}
