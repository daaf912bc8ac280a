import { createLog } from "../../src/app/logger.ts";
import type { Parts } from "../../src/app/setup.ts";
import type { LeaseSight, NodeFacts, NodeName, ObserverView } from "../../src/core/model.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { World } from "../../src/engine/world.ts";
import { PrometheusMeter } from "../../src/http/prometheus-meter.ts";
import { fromReport, type SeenReport, toReportSpec } from "../../src/kube/report-codec.ts";
import type { Provider } from "../../src/plugin-api/index.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Term } from "../../src/ports/leadership.ts";
import type { Meter } from "../../src/ports/meter.ts";
import type { NodeWatch } from "../../src/ports/nodes.ts";
import { ago, node, now, still } from "../support/core-builders.ts";

const instances = ["replica-1", "replica-2", "replica-3"];
/** What an API server or a machines' owner takes to answer. */
const answerMs = 5;
export const probes = [{ id: "Endpoint", role: "worker", unhealthyDurationMs: 60_000 }] as const;

/** A cluster in memory that the real engine leads: everything answers at once or after 5 ms, nothing is written. */
export class StormCluster {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly world: World;
  lines = 0;
  /** Decisions made. */
  passes = 0;
  readonly #names: readonly NodeName[];
  readonly #nodes = new Map<NodeName, NodeFacts>();
  readonly #leases = new Map<NodeName, LeaseSight>();
  readonly #tellNode = new Set<(name: NodeName | undefined) => void>();
  readonly #tellReport = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #reports = new Map<string, SeenReport>();
  #versions = 0;

  constructor(size: number, { policy, passive }: Parts, clock: Clock) {
    const begun = clock.now().monoMs;
    this.clock = {
      ...clock,
      now: () => {
        const ms = clock.now().monoMs - begun;
        return { monoMs: now.monoMs + ms, wallMs: now.wallMs + ms };
      },
    };
    this.#names = Array.from({ length: size }, (_, index) => `node-${String(size - index).padStart(5, "0")}`);
    for (const name of this.#names) this.#put(name, false);
    this.world = this.#worldOf();
    const withProvider = {
      ...policy,
      provider: { id: "storm", capabilities: this.world.provider?.capabilities ?? [] },
    };
    const settings = { policy: withProvider, passive, probes, instance: "replica-1", ownNode: undefined };
    const term: Term = {
      transitions: 1,
      wasHandedOver: true,
      signal: this.#stop.signal,
      remainingMs: () => 15_000,
      release: () => Promise.resolve(),
    };
    this.engine = new Engine(settings, this.world, term);
    this.#running = this.engine.run();
    this.leasesRead();
  }

  get nodes(): ReadonlyMap<NodeName, NodeFacts> {
    return this.#nodes;
  }

  get reports(): readonly ObserverView[] {
    return [...this.#reports.values()].map((it) => it.view);
  }

  /** Every second node, or so, falls ill; the watch brings them a hundred at a time, and every observer reports them. */
  async fallIll(share: number): Promise<void> {
    const ill = this.#names.slice(0, Math.round(this.#names.length * share));
    for (const [index, name] of ill.entries()) {
      this.#put(name, true);
      for (const tell of this.#tellNode) tell(name);
      if (index % 100 === 99) await turn();
    }
    await this.#report(ill);
  }

  /** One round of the Lease poll is over. */
  leasesRead(): void {
    for (const tell of this.#tellNode) tell(undefined);
  }

  /** One node's condition flaps, and a report is written again. */
  change(turn: number): void {
    const name = this.#names[(turn * 7) % this.#names.length] ?? "";
    const facts = this.#nodes.get(name);
    if (facts !== undefined) this.#nodes.set(name, { ...facts, resourceVersion: String(this.#versions++) });
    for (const tell of this.#tellNode) tell(name);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #put(name: NodeName, isIll: boolean): void {
    const ready = { type: "Ready", status: isIll ? "Unknown" : "True", reason: "", changedAtMonoMs: ago(60_000) };
    const others = ["MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => {
      return { type, status: "False", reason: "", changedAtMonoMs: ago(60_000) };
    });
    this.#nodes.set(name, node(name, { conditions: [...others, ready] }));
    this.#leases.set(name, still(isIll ? 60_000 : 5_000));
  }

  async #report(ill: readonly NodeName[]): Promise<void> {
    for (const instance of instances) {
      const object = reportObject(instance, ill, this.#names.length, this.#versions++);
      await turn();
      this.#reports.set(instance, fromReport(object, this.#reports.get(instance), this.clock.now()));
      for (const tell of this.#tellReport) tell();
    }
  }

  #worldOf(): World {
    const { clock } = this;
    const meter: Meter = new PrometheusMeter();
    const replace = meter.replace.bind(meter);
    meter.replace = (name, series) => {
      if (name === "aceso_nodes") this.passes += 1;
      replace(name, series);
    };
    const log = createLog("info", () => {
      this.lines += 1;
    });
    const nodes: NodeWatch = {
      isSynced: true,
      nodes: () => this.#nodes,
      leaseOf: (name) => this.#leases.get(name),
      readNode: async (name) => this.#nodes.get(name),
      readLease: async (name) => this.#leases.get(name),
      onChange: (listener) => {
        this.#tellNode.add(listener);
        return () => this.#tellNode.delete(listener);
      },
      run: (signal) => this.#until(signal),
      get lastReadAtMonoMs() {
        return clock.now().monoMs;
      },
    };
    const quiet = { onChange: () => () => undefined, run: (signal: AbortSignal) => this.#until(signal) };
    const records = new Map();
    const never = () => Promise.reject(new Error("the storm is held: nothing is written"));
    return {
      ...{ clock, meter, log, nodes },
      journal: {
        ...quiet,
        isSynced: true,
        records: () => records,
        read: async () => undefined,
        create: never,
        write: never,
      },
      reports: {
        ...quiet,
        isSynced: true,
        reports: () => this.reports,
        onChange: (listener) => {
          this.#tellReport.add(listener);
          return () => this.#tellReport.delete(listener);
        },
      },
      pause: { ...quiet, current: () => ({ kind: "none" }), read: async () => ({ kind: "none" }) },
      events: { record: () => undefined, flush: () => Promise.resolve() },
      control: {} as World["control"],
      workloads: { etcdMembers: async () => [] } as unknown as World["workloads"],
      provider: this.#provider(),
      isServerTooOld: () => false,
      newId: () => "1",
    };
  }

  #provider(): Provider {
    return {
      id: "storm",
      capabilities: ["observe", "power-off", "power-on"],
      defaultLadder: () => ["power-cycle"],
      identify: async ({ name }) => `m-${name}`,
      observe: async (_machine, _node, signal) => {
        await this.clock.sleep(answerMs, signal);
        return { power: "on", text: "running" };
      },
      powerOff: () => Promise.resolve(),
      powerOn: () => Promise.resolve(),
      watch: (_onHint, signal) => this.#until(signal),
    };
  }

  #until(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
}

/** What comes with one packet is taken in before the next one is. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An ObserverReport as the API server hands it out. */
export function reportObject(instance: string, ill: readonly NodeName[], targets: number, version: number) {
  const failing = ill.flatMap((name) =>
    ["Endpoint", "mute"].map((check) => {
      const message = `GET https://${name}:10250/healthz: connect ETIMEDOUT`;
      return { node: name, nodeUid: `uid-${name}`, check, sinceWallMs: now.wallMs - 60_000, message };
    }),
  );
  const spec = toReportSpec({
    ...{ instance, node: `home-of-${instance}`, targets, failing, unknown: [], suspectsSelf: false },
    sweptAtWallMs: now.wallMs,
    intervalMs: 10_000,
  });
  return { metadata: { name: instance, resourceVersion: String(version) }, spec };
}
