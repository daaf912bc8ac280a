import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { stringify } from "yaml";
import { systemClock } from "../../../src/app/clock.ts";
import { type AcesoProcess, fromSources, startAceso } from "../../support/aceso-process.ts";
import { ApiClient, type ApiObject } from "../../support/api-client.ts";
import type { ControlPlane, ControlPlaneOptions } from "../../support/control-plane/start.ts";
import { eventually, type Patience } from "../../support/eventually.ts";
import { type AttacherOptions, csiDriverObjects, startFakeAttacher } from "../../support/fake-csi.ts";
import { findFreePort } from "../../support/free-port.ts";
import { type HollowCluster, type HollowNodeSpec, startHollowCluster } from "../../support/hollow/cluster.ts";
import { type MachinesServer, startMachinesServer } from "../../support/hollow/machines-server.ts";
import { installManifest } from "../../support/installed-manifest.ts";
import { writeKubeconfig } from "../../support/kubeconfig.ts";
import { type Recorder, startRecorder } from "../../support/recorder.ts";
import { requestToken } from "../../support/service-account.ts";
import { isReady } from "./node-state.ts";
import { runOnce } from "./run-once.ts";
import { tellStory } from "./story.ts";

export type Settings = Readonly<Record<string, unknown>>;

export interface ScenarioOptions {
  readonly plane?: ControlPlaneOptions;
  /** Nodes that are there from the start; more with `cluster.add`. */
  readonly nodes: readonly HollowNodeSpec[];
  /** Aceso's whole configuration; where it has a section `exec`, `exec.command` is added. */
  readonly config: Settings;
  readonly attacher?: AttacherOptions;
}

export interface ReplicaOptions {
  readonly name: string;
  /** The node it runs on. */
  readonly node?: string;
  /** Instead of the scenario's configuration. */
  readonly config?: Settings;
  readonly args?: readonly string[];
}

/** A real cluster of hollow machines with the manifest installed; Aceso runs as child processes with its own token. */
export interface Scenario {
  readonly plane: ControlPlane;
  /** cluster-admin at the last API server. */
  readonly api: ApiClient;
  readonly cluster: HollowCluster;
  /** The owner of the machines, with everything it was asked. */
  readonly owner: MachinesServer;
  /** Every version of Nodes, their Leases, VolumeAttachments, NodeRepairs and Pods. */
  readonly recorder: Recorder;
  readonly replicas: readonly AcesoProcess[];
  /** Starts one replica; resolves when it has said `started`. */
  startReplica(options: ReplicaOptions): Promise<AcesoProcess>;
  /** Resolves when a replica that lives holds the Lease. */
  leader(patience?: Patience): Promise<AcesoProcess>;
  /** Runs another command of Aceso with cluster-admin rights and the scenario's configuration. @returns what it printed */
  aceso(args: readonly string[]): Promise<string>;
  create(objects: readonly object[]): Promise<void>;
  node(name: string): Promise<ApiObject>;
  /** The NodeRepair, undefined while there is none. */
  repair(name: string): Promise<ApiObject | undefined>;
  /** Waits until the node's NodeRepair is in one of the phases. @throws Error with its last state when time is over */
  untilPhase(name: string, phases: string | readonly string[], patience?: Patience): Promise<ApiObject>;
  untilReady(name: string, patience?: Patience): Promise<ApiObject>;
  stop(): Promise<void>;
}

/** Kubelets that a test need not wait for. */
export const briskNode = { leaseIntervalMs: 1_000, bootMs: 1_500 } as const;

/** Silence that two or three lost renewals of a brisk kubelet do not reach. */
export const briskSilenceMs = 6_000;

const briskChecks = [
  { type: "NodeLease", params: { "unhealthy-duration": "10s" } },
  { type: "NodeCondition", params: { "unhealthy-duration": "30s" } },
];

/** Durations that a test need not wait for. */
export const briskConfig: Settings = {
  silence: `${briskSilenceMs}ms`,
  "recovery-hold": "4s",
  "startup-delay": "0s",
  "check-delay-after-add": "0s",
  "max-repairs-per-hour": 100,
  "leader-election": { "lease-duration": "12s", "renew-deadline": "10s", "retry-period": "2s" },
  healthcheck: { master: briskChecks, worker: briskChecks },
};

/** With a provider: the owner of the hollow machines. */
export const withProvider: Settings = {
  "cloud-provider": "exec",
  exec: { protocol: "json", operations: ["identify", "observe", "power-off", "power-on"], timeout: "10s" },
};

/** Without one: local fencing, without proof. */
export const withoutProof: Settings = { "cloud-provider": "none", fencing: { "accept-unproven": true } };

/**
 * Starts a scenario before the tests of a file and ends it after them; a test that fails gets the story of the run
 * printed. @returns what gives the scenario, inside tests
 */
export function useScenario(options: ScenarioOptions, begin?: (scenario: Scenario) => Promise<void>): () => Scenario {
  let scenario: Scenario | undefined;
  beforeAll(async () => {
    scenario = await startScenario(options);
    await begin?.(scenario);
  }, 120_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail" && scenario !== undefined) console.error(await tellStory(scenario));
  });
  afterAll(() => scenario?.stop(), 60_000);
  return () => {
    if (scenario === undefined) throw new Error("the scenario has not started");
    return scenario;
  };
}

/** Starts everything but Aceso itself. */
export async function startScenario(options: ScenarioOptions): Promise<Scenario> {
  const installed = await installManifest(options.plane);
  const { plane } = installed;
  // the server that no test stops: what a test sees and how its kubelets live must not depend on the others
  const last = plane.servers.slice(-1);
  const api = new ApiClient({ ...plane.access, servers: last });
  const token = await requestToken(api, { namespace: "aceso", name: "aceso" });
  const recorder = await startRecorder(api, { kinds: ["Node", "Lease", "VolumeAttachment", "NodeRepair", "Pod"] });
  const kubelets = new ApiClient({ ...plane.hollowAccess, servers: last });
  const cluster = await startHollowCluster({ api: kubelets, nodes: options.nodes });
  const owner = await startMachinesServer(() => cluster.machines, systemClock);
  const attacher = startFakeAttacher(kubelets, options.attacher);
  const replicas: AcesoProcess[] = [];
  const writeConfig = async (name: string, config: Settings) => {
    const file = join(plane.dir, `${name}.yaml`);
    await writeFile(file, stringify(withCommand(config, owner)));
    return file;
  };
  const usual = await writeConfig("config", options.config);

  const scenario: Scenario = {
    plane,
    api,
    cluster,
    owner,
    recorder,
    replicas,
    async startReplica({ name, node, config, args = [] }) {
      const access = { servers: [plane.servers[0] ?? ""], ca: plane.ca, token };
      const kubeconfig = await writeKubeconfig(join(plane.dir, `${name}.kubeconfig`), access, "aceso");
      const file = config === undefined ? usual : await writeConfig(name, config);
      const ports = [await findFreePort(), await findFreePort()];
      const replica = await startAceso({
        name,
        args: [
          ...["run", "--config", file, "--kubeconfig", kubeconfig, "--instance", name],
          ...(node === undefined ? [] : ["--node-name", node]),
          ...["--set", `http.probes=127.0.0.1:${ports[0]}`, "--set", `http.pages=127.0.0.1:${ports[1]}`],
          ...args,
        ],
      });
      replicas.push(replica);
      await replica.line(/"started"/);
      return replica;
    },
    leader: (patience) =>
      eventually(
        "a replica leads",
        async () => {
          const lease = await api.get("/apis/coordination.k8s.io/v1/namespaces/aceso/leases/aceso");
          // an instance is the replica's name and a part that is new at each start
          const holder = String(lease.spec.holderIdentity).replace(/_[^_]*$/, "");
          return replicas.find((each) => each.isAlive() && each.name === holder);
        },
        patience,
      ),
    aceso: (args) => {
      const [command = "", ...rest] = [...fromSources, ...args, "--kubeconfig", plane.kubeconfigs.at(-1) ?? ""];
      return runOnce(command, [...rest, ...(args[0] === "explain" ? ["--config", usual] : [])]);
    },
    async create(items) {
      const kubeconfig = `--kubeconfig=${plane.kubeconfigs.at(-1)}`;
      await plane.kubectl([kubeconfig, "create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    },
    node: (name) => api.get(`/api/v1/nodes/${name}`),
    async repair(name) {
      const { status, body } = await api.call("GET", `/apis/aceso.dev/v1alpha1/noderepairs/${name}`);
      return status === 200 ? body : undefined;
    },
    async untilPhase(name, phases, patience) {
      const wanted: readonly string[] = typeof phases === "string" ? [phases] : phases;
      const look = async () => {
        const found = await scenario.repair(name);
        return found !== undefined && wanted.includes(found.status?.phase) && found;
      };
      return eventually(`the repair of ${name} is ${wanted.join(" or ")}`, look, { withinMs: 60_000, ...patience });
    },
    untilReady: (name, patience) =>
      eventually(
        `${name} is Ready`,
        async () => {
          const node = await scenario.node(name);
          return isReady(node) && node;
        },
        patience,
      ),
    async stop() {
      await Promise.all(replicas.map((replica) => replica.kill()));
      await attacher.stop();
      await recorder.stop();
      await cluster.stop();
      await owner.close();
      kubelets.close();
      api.close();
      await installed.stop();
    },
  };
  await scenario.create(csiDriverObjects());
  await Promise.all(options.nodes.map(({ name, readyOnlyWith }) => readyOnlyWith ?? scenario.untilReady(name)));
  return scenario;
}

/** For how long the recorder has seen no change of a node's Lease. */
export function leaseAgeMs({ recorder }: Scenario, node: string): number {
  const last = recorder.of("Lease", node).at(-1);
  if (last === undefined) throw new Error(`no Lease of ${node} was seen`);
  return systemClock.now().monoMs - last.receivedAtMonoMs;
}

/** Operations of the provider that changed a node's machine, in order. */
export function actsOn({ owner }: Scenario, node: string): readonly string[] {
  return owner.actsOn(node).map((it) => it.operation);
}

function withCommand(config: Settings, owner: MachinesServer): Settings {
  const { exec } = config;
  return typeof exec === "object" && exec !== null ? { ...config, exec: { ...exec, command: owner.command } } : config;
}
