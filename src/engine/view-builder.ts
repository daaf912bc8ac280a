import type { Decision } from "../core/decide.ts";
import { healthOf } from "../core/health.ts";
import type { LeaseSight, NodeName } from "../core/model.ts";
import type { WallMs } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import type { Term } from "../ports/leadership.ts";
import { FrozenIdentities } from "./frozen-identities.ts";
import type { Machines } from "./machines.ts";
import type { PassiveFindings } from "./passive-findings.ts";
import type { PowerSurvey } from "./power-survey.ts";
import type { EngineSettings } from "./settings.ts";
import type { World } from "./world.ts";

/** A read of the etcd members counts this long. */
const etcdAgeMs = 10_000;

/** Puts the adapters' caches together into the view that decisions look at. */
export class ViewBuilder {
  readonly #settings: EngineSettings;
  readonly #world: World;
  readonly #machines: Machines | undefined;
  readonly #passive: PassiveFindings;
  readonly #survey: PowerSurvey | undefined;
  readonly #wasHandedOver: boolean;
  readonly #began: { readonly monoMs: number; readonly wallMs: WallMs };
  readonly #identities = new FrozenIdentities();
  readonly #pinned = new Map<NodeName, readonly string[]>();
  #etcd: { readonly members: ClusterView["etcd"]; readonly atMonoMs: number } | undefined;

  constructor(
    settings: EngineSettings,
    world: World,
    term: Term,
    machines: Machines | undefined,
    passive: PassiveFindings,
    survey?: PowerSurvey,
  ) {
    this.#survey = survey;
    this.#settings = settings;
    this.#world = world;
    this.#machines = machines;
    this.#passive = passive;
    this.#wasHandedOver = term.wasHandedOver;
    this.#began = world.clock.now();
  }

  /** False until every source was read once: nothing is decided before. */
  get isReady(): boolean {
    const { nodes, journal, reports } = this.#world;
    return nodes.isSynced && journal.isSynced && reports.isSynced;
  }

  build(): ClusterView {
    const { nodes, journal, reports, pause, clock } = this.#world;
    const { policy, probes, instance, ownNode } = this.#settings;
    const now = clock.now();
    const all = nodes.nodes();
    const leases = new Map<NodeName, LeaseSight>();
    for (const name of all.keys()) {
      const lease = nodes.leaseOf(name);
      if (lease !== undefined) leases.set(name, lease);
    }
    return {
      policy,
      probes,
      nodes: all,
      leases,
      passive: this.#passive.findings(
        all.values(),
        (name) => leases.get(name),
        now,
        (name) => this.#survey?.readingOf(name),
      ),
      observers: reports.reports(),
      records: journal.records(),
      readings: this.#machines?.readings() ?? new Map(),
      machines: this.#machines?.claims() ?? new Map(),
      interlocks: this.#machines?.interlocks?.sights(),
      cluster: pause.current(),
      etcd: this.#etcd !== undefined && now.monoMs - this.#etcd.atMonoMs <= etcdAgeMs ? this.#etcd.members : undefined,
      pinnedVolumes: this.#pinned,
      self: { instance, node: ownNode, ledSinceMonoMs: this.#began.monoMs, wasHandedOver: this.#wasHandedOver },
      changedIdentities: this.#identities.changed,
      isServerTooOld: this.#world.isServerTooOld(),
      lastReadAtMonoMs: nodes.lastReadAtMonoMs,
      cautiousWallMs: Math.min(now.wallMs, this.#began.wallMs + (now.monoMs - this.#began.monoMs)),
    };
  }

  /** To be told of each change of a node, or of a new list of all (undefined). */
  nodeChanged(name: NodeName | undefined): void {
    const all = this.#world.nodes.nodes();
    if (name !== undefined) this.#identities.note(name, all.get(name));
    else for (const [each, node] of all) this.#identities.note(each, node);
  }

  isSilent(view: ClusterView, name: NodeName): boolean {
    const node = view.nodes.get(name);
    return node !== undefined && healthOf(node, view, this.#world.clock.now()).isSilent;
  }

  /** @throws AcesoError when the pods cannot be read; the view then says that it does not know */
  async readEtcd(signal: AbortSignal): Promise<void> {
    this.#etcd = undefined;
    const members = await this.#world.workloads.etcdMembers(signal);
    this.#etcd = { members, atMonoMs: this.#world.clock.now().monoMs };
  }

  async readPinnedVolumes(name: NodeName, signal: AbortSignal): Promise<void> {
    this.#pinned.delete(name);
    const node = this.#world.nodes.nodes().get(name);
    if (node !== undefined) this.#pinned.set(name, await this.#world.workloads.volumesPinnedTo(node, signal));
  }

  /** Reads what a decision could not know. A failed read leaves its hold in place. */
  async readWhatIsMissing(decision: Decision, signal: AbortSignal): Promise<void> {
    const isMissing = decision.actions.some(
      (it) => it.kind === "hold" && it.hold.reason === "control-plane-unreadable",
    );
    if (!isMissing) return;
    using deadline = this.#world.clock.deadline(10_000, signal);
    await this.readEtcd(deadline.signal).catch(() => undefined);
  }
}
