import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type AcesoProcess, fromSources, startAceso } from "../aceso-process.ts";
import { ApiClient, type ApiObject } from "../api-client.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { eventually, type Patience } from "../eventually.ts";
import { type AttacherOptions, csiDriverObjects, startFakeAttacher } from "../fake-csi.ts";
import { findFreePort } from "../free-port.ts";
import { type InstallOptions, installManifest } from "../installed-manifest.ts";
import { writeKubeconfig } from "../kubeconfig.ts";
import { isReady } from "../node-state.ts";
import { type Recorder, startRecorder } from "../recorder.ts";
import { runOnce } from "../run-once.ts";
import { requestToken } from "../service-account.ts";

/** Of one wait. What takes a few seconds by itself takes many times that on a machine that is busy. */
const patient: Patience = { withinMs: 120_000 };

export type Settings = Readonly<Record<string, unknown>>;

export interface StageOptions {
  readonly plane?: InstallOptions | undefined;
  /** Aceso's whole configuration, as text where its very words matter. Asked when the first replica starts, and for each with its own. */
  readonly config: (own: Settings | string | undefined) => Settings | string;
  readonly attacher?: AttacherOptions | undefined;
  /** How Aceso is started; from the sources where nothing is said. */
  readonly command?: readonly string[] | undefined;
}

export interface ReplicaOptions {
  readonly name: string;
  /** The node it runs on. */
  readonly node?: string;
  /** Instead of the usual configuration; text where its very words matter. */
  readonly config?: Settings | string;
  readonly args?: readonly string[];
}

/** A real cluster without nodes, with the manifest installed; Aceso runs as child processes with its own token. */
export interface Stage {
  readonly plane: ControlPlane;
  /** cluster-admin at the last API server. */
  readonly api: ApiClient;
  /** For hollow kubelets: what they do does not fill the audit log. */
  readonly kubelets: ApiClient;
  /** Every version of Nodes, their Leases, VolumeAttachments, NodeRepairs and Pods. */
  readonly recorder: Recorder;
  readonly replicas: readonly AcesoProcess[];
  /** Starts one replica; resolves when it has said `started`. */
  startReplica(options: ReplicaOptions): Promise<AcesoProcess>;
  /** Resolves when a replica that lives holds the Lease. */
  leader(patience?: Patience): Promise<AcesoProcess>;
  /** Runs another command of Aceso with cluster-admin rights and the usual configuration. @returns what it printed */
  aceso(args: readonly string[]): Promise<string>;
  create(objects: readonly object[]): Promise<void>;
  node(name: string): Promise<ApiObject>;
  /** The NodeRepair, undefined while there is none. */
  repair(name: string): Promise<ApiObject | undefined>;
  /** Waits until the node's NodeRepair is in one of the phases. @throws Error with its last state when time is over */
  untilPhase(name: string, phases: string | readonly string[], patience?: Patience): Promise<ApiObject>;
  untilReady(name: string, patience?: Patience): Promise<ApiObject>;
  /** Ends replicas and control plane. The kubelets must have ended. */
  stop(): Promise<void>;
}

export async function startStage(options: StageOptions): Promise<Stage> {
  const installed = await installManifest(options.plane);
  const { plane } = installed;
  // the server that no test stops: what a test sees and how its kubelets live must not depend on the others
  const last = plane.servers.slice(-1);
  const api = new ApiClient({ ...plane.access, servers: last });
  const token = await requestToken(api, { namespace: "aceso", name: "aceso" });
  const recorder = await startRecorder(api, { kinds: ["Node", "Lease", "VolumeAttachment", "NodeRepair", "Pod"] });
  const kubelets = new ApiClient({ ...plane.hollowAccess, servers: last });
  const attacher = startFakeAttacher(kubelets, options.attacher);
  const replicas: AcesoProcess[] = [];
  const writeConfig = async (name: string, own: Settings | string | undefined) => {
    const file = join(plane.dir, `${name}.yaml`);
    const config = options.config(own);
    await writeFile(file, typeof config === "string" ? config : stringify(config));
    return file;
  };
  let usual: Promise<string> | undefined;
  // written once: replicas that run look for changes of it
  const usualConfig = () => {
    usual ??= writeConfig("config", undefined);
    return usual;
  };

  const stage: Stage = {
    ...{ plane, api, kubelets, recorder, replicas },
    async startReplica({ name, node, config, args = [] }) {
      const access = { servers: [plane.servers[0] ?? ""], ca: plane.ca, token };
      const kubeconfig = await writeKubeconfig(join(plane.dir, `${name}.kubeconfig`), access, "aceso");
      const file = config === undefined ? await usualConfig() : await writeConfig(name, config);
      const ports = [await findFreePort(), await findFreePort()];
      const replica = await startAceso({
        name,
        ...(options.command === undefined ? {} : { command: options.command }),
        args: [
          ...["run", "--config", file, "--kubeconfig", kubeconfig, "--instance", name],
          ...(node === undefined ? [] : ["--node-name", node]),
          ...["--set", `http.probes=127.0.0.1:${ports[0]}`, "--set", `http.pages=127.0.0.1:${ports[1]}`],
          ...args,
        ],
      });
      replicas.push(replica);
      await replica.line(/"started"/, patient);
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
        { ...patient, ...patience },
      ),
    async aceso(args) {
      const [command = "", ...rest] = [...fromSources, ...args, "--kubeconfig", plane.kubeconfigs.at(-1) ?? ""];
      const config = args[0] === "explain" ? ["--config", await usualConfig()] : [];
      return runOnce(command, [...rest, ...config]);
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
        const found = await stage.repair(name);
        return found !== undefined && wanted.includes(found.status?.phase) && found;
      };
      return eventually(`the repair of ${name} is ${wanted.join(" or ")}`, look, { ...patient, ...patience });
    },
    untilReady: (name, patience) =>
      eventually(
        `${name} is Ready`,
        async () => {
          const node = await stage.node(name);
          return isReady(node) && node;
        },
        { ...patient, ...patience },
      ),
    async stop() {
      await Promise.all(replicas.map((replica) => replica.kill()));
      await attacher.stop();
      await recorder.stop();
      kubelets.close();
      api.close();
      await installed.stop();
    },
  };
  await stage.create(csiDriverObjects());
  return stage;
}
