import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { systemClock } from "../../src/app/clock.ts";
import { type AcesoProcess, startAceso } from "./aceso-process.ts";
import { ApiClient } from "./api-client.ts";
import type { ControlPlane, ControlPlaneOptions } from "./control-plane/start.ts";
import { csiDriverObjects, startFakeAttacher } from "./fake-csi.ts";
import { findFreePort } from "./free-port.ts";
import { type HollowCluster, type HollowNodeSpec, startHollowCluster } from "./hollow/cluster.ts";
import { type MachinesServer, startMachinesServer } from "./hollow/machines-server.ts";
import { installManifest } from "./installed-manifest.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type Recorder, startRecorder } from "./recorder.ts";
import { requestToken } from "./service-account.ts";

export interface SceneOptions {
  readonly plane?: ControlPlaneOptions;
  readonly nodes: readonly HollowNodeSpec[];
  /** The configuration as an object; `exec.command` is added where `exec` is named. */
  readonly config: Readonly<Record<string, unknown>>;
  /** How Aceso is started; from the sources where nothing is said. */
  readonly command?: readonly string[];
}

export interface ReplicaOptions {
  readonly name: string;
  /** The node it runs on. */
  readonly node?: string;
  /** Index of the API server its kubeconfig names. */
  readonly server?: number;
  readonly args?: readonly string[];
}

/** A real cluster of hollow machines with the manifest installed, and replicas of Aceso as child processes. */
export interface Scene {
  readonly plane: ControlPlane;
  readonly cluster: HollowCluster;
  /** The owner of the machines, with everything it was asked. */
  readonly owner: MachinesServer;
  readonly recorder: Recorder;
  readonly replicas: readonly AcesoProcess[];
  /** Starts Aceso with the token of its own service account. */
  startReplica(options: ReplicaOptions): Promise<AcesoProcess>;
  /** kubectl create of objects. */
  create(objects: readonly object[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything but Aceso itself. */
export async function startScene(options: SceneOptions): Promise<Scene> {
  const installed = await installManifest(options.plane);
  const { plane } = installed;
  const token = await requestToken(plane.api, { namespace: "aceso", name: "aceso" });
  const recorder = await startRecorder(plane.api, {
    kinds: ["Node", "Lease", "VolumeAttachment", "NodeRepair", "Pod"],
  });
  const kubelets = new ApiClient(plane.hollowAccess);
  const cluster = await startHollowCluster({ api: kubelets, nodes: options.nodes });
  const owner = await startMachinesServer(() => cluster.machines, systemClock);
  const attacher = startFakeAttacher(kubelets);
  const replicas: AcesoProcess[] = [];
  const create = async (items: readonly object[]) => {
    await plane.kubectl(["create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  };
  await create(csiDriverObjects());
  const config = join(plane.dir, "config.yaml");
  await writeFile(config, stringify(withCommand(options.config, owner)));

  return {
    plane,
    cluster,
    owner,
    recorder,
    replicas,
    create,
    async startReplica({ name, node, server = 0, args = [] }) {
      const access = { servers: [plane.servers[server] ?? ""], ca: plane.ca, token };
      const kubeconfig = await writeKubeconfig(join(plane.dir, `${name}.kubeconfig`), access, "aceso");
      const ports = [await findFreePort(), await findFreePort()];
      const replica = await startAceso({
        name,
        ...(options.command === undefined ? {} : { command: options.command }),
        args: [
          ...["run", "--config", config, "--kubeconfig", kubeconfig, "--instance", name],
          ...(node === undefined ? [] : ["--node-name", node]),
          ...["--set", `http.probes=127.0.0.1:${ports[0]}`, "--set", `http.pages=127.0.0.1:${ports[1]}`],
          ...args,
        ],
      });
      replicas.push(replica);
      return replica;
    },
    async stop() {
      await Promise.all(replicas.map((replica) => replica.kill()));
      await attacher.stop();
      await recorder.stop();
      await cluster.stop();
      await owner.close();
      kubelets.close();
      await installed.stop();
    },
  };
}

function withCommand(config: Readonly<Record<string, unknown>>, owner: MachinesServer): object {
  const { exec } = config;
  return typeof exec === "object" && exec !== null ? { ...config, exec: { ...exec, command: owner.command } } : config;
}
