import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { messageOf } from "../../../src/core/errors.ts";
import type { AcesoProcess } from "../../support/aceso-process.ts";
import type { ApiObject } from "../../support/api-client.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { acceptedIn, actsIn } from "../../support/cloud-acts.ts";
import { type CloudNodes, startCloudNodes } from "../../support/cloud-nodes/cloud-nodes.ts";
import { loopbackAddresses } from "../../support/cloud-nodes/node-addresses.ts";
import { type Stage, startStage } from "../../support/e2e-stage/stage.ts";
import { eventually, type Patience } from "../../support/eventually.ts";
import { credentialLogin, type GuideWords, guideConfig } from "../../support/guide-config.ts";
import type { CloudServer, OpenStackCloud } from "../../support/openstack-cloud.ts";
import { tellStory } from "../kubernetes/story.ts";
import { calmDown } from "./calm-down.ts";
import { type JoinOptions, joinOpenStack } from "./cloud/real-cloud.ts";

export interface CloudStageOptions extends JoinOptions {
  /** Names of servers outside any stack. */
  readonly servers?: readonly string[];
  /** A Magnum cluster of this size. */
  readonly size?: { readonly masters: number; readonly workers: number };
}

/** A real cluster whose nodes live in servers of a real OpenStack. */
export interface CloudStage extends Stage {
  readonly cloud: OpenStackCloud;
  readonly nodes: CloudNodes;
  /** As they were at the start; servers outside a cluster are workers. */
  readonly masters: readonly CloudServer[];
  readonly workers: readonly CloudServer[];
  /** Of the Magnum cluster. */
  readonly uuid: string | undefined;
  /** PEM file of the authority that the masters' API servers have their certificates from. */
  readonly mastersCa: string;
  /** Two replicas with the guide's configuration in these words, through the ConfigMap; what ran before is stopped. */
  heal(words?: Partial<GuideWords>): Promise<readonly AcesoProcess[]>;
  /** One more replica with the configuration of the last `heal`. */
  another(): Promise<AcesoProcess>;
  /** Kinds of acts that the cloud has accepted since `mark`, in order. */
  accepted(since?: number): readonly string[];
  asked(since?: number): readonly string[];
  /** For `accepted` and `asked`: how many calls there were up to now. */
  mark(): number;
  /** Waits until a repair of the node that began after `earlier` has ended. @param earlier id of an earlier repair */
  untilEnd(name: string, earlier: string | undefined): Promise<ApiObject>;
  /** Texts of the node's events. */
  told(name: string): Promise<readonly string[]>;
  /** Lines of a login with a new application credential: restricted, as Keystone makes them by default, to these roles. */
  restrictedLogin(roles: readonly string[]): Promise<string>;
  /** Debian's `openstack` command with the account that Aceso has. */
  openstack(args: readonly string[]): Promise<string>;
}

/** Durations that a test need not wait for. Those after which something is given up are the usual ones: clouds are slow at times. */
export const briskWords: Partial<GuideWords> = {
  checkDelayAfterAdd: "0s",
  unhealthyDuration: "8s",
  more: `silence: 8s
recovery-hold: 4s
startup-delay: 0s
max-repairs-per-hour: 1000
leader-election: {lease-duration: 20s, renew-deadline: 15s, retry-period: 2s}
`,
};

/** Longest time of one test on a busy machine; more than its waits need together. */
export const testMs = 900_000;
/** For what takes a minute or two when nobody else wants the machine. */
export const patience: Patience = { withinMs: 420_000, everyMs: 500 };

/** Starts it before the tests of a file and ends it after them; a test that fails gets the story of the run printed. */
export function useCloudStage(options: CloudStageOptions): () => CloudStage {
  let stage: CloudStage | undefined;
  beforeAll(async () => {
    stage = await startCloudStage(options);
  }, testMs);
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail" || stage === undefined) return;
    const acts = actsIn(stage.cloud.calls()).map(({ kind, target, call }) => `${kind} ${target} ${call.status}`);
    console.error(await tellStory(stage, acts));
    await calmDown(stage).catch((error) => console.error(`what the test left behind: ${messageOf(error)}`));
  }, testMs);
  afterAll(() => stage?.stop(), testMs);
  return () => {
    if (stage === undefined) throw new Error("the stage has not started");
    return stage;
  };
}

async function startCloudStage(options: CloudStageOptions): Promise<CloudStage> {
  const cloud = await joinOpenStack(inject("openStack"), options);
  const [members, stage] = await Promise.all([
    makeMembers(cloud, options),
    startStage({
      plane: { manifest: "aceso-openstack.yaml" },
      config: (own) => own ?? guideConfig({ account: cloud.account, ...briskWords }),
    }),
  ]);
  const { masters, workers, uuid, clusterName } = members;
  const authority = makeAuthority("masters");
  const mastersCa = join(stage.plane.dir, "masters-ca.pem");
  await writeFile(mastersCa, authority.cert);
  const nodes = startCloudNodes({
    cloud,
    api: stage.kubelets,
    everyMs: 1_500,
    bootMs: 1_500,
    kubelet: { leaseIntervalMs: 1_000 },
    addresses: loopbackAddresses({
      port: 6443,
      certificate: (address) => authority.issue({ commonName: address, altNames: [address] }),
    }),
  });
  for (const { id } of workers) nodes.watchServer(id);
  if (clusterName !== undefined) nodes.watchCluster({ name: clusterName });
  const all = [...masters, ...workers];
  await Promise.all(all.map(({ name }) => stage.untilReady(name, patience)));
  let count = 0;
  let config = "";
  const startReplica = (server?: CloudServer) => {
    count += 1;
    return stage.startReplica({ name: `replica-${count}`, config, ...(server && { node: server.name }) });
  };

  return {
    ...{ ...stage, cloud, nodes, masters, workers, uuid, mastersCa },
    async heal(words) {
      await Promise.all(stage.replicas.filter((each) => each.isAlive()).map((each) => each.stop()));
      const text = guideConfig({ account: cloud.account, clusterName: uuid, ...briskWords, ...words });
      config = await throughConfigMap(stage, text);
      return Promise.all([startReplica(all[0]), startReplica(all[1])]);
    },
    another: () => startReplica(),
    accepted: (since = 0) => acceptedIn(cloud.calls().slice(since)),
    asked: (since = 0) => actsIn(cloud.calls().slice(since)).map(({ kind }) => kind),
    mark: () => cloud.calls().length,
    async untilEnd(name, earlier) {
      const look = async () => {
        const { status } = (await stage.repair(name)) ?? {};
        const isOver = /^(Healed|Recovered|Held)$/.test(status?.phase ?? "");
        return isOver && status.id !== earlier && status;
      };
      return eventually(`the repair of ${name} has ended`, look, patience);
    },
    async told(name) {
      const query = encodeURIComponent(`involvedObject.name=${name},involvedObject.kind=Node`);
      const { items } = await stage.api.get(`/api/v1/events?fieldSelector=${query}`);
      return items.map((it: ApiObject) => `${it.reason}: ${it.message}`);
    },
    async restrictedLogin(roles) {
      return credentialLogin(await cloud.createApplicationCredential({ name: `for ${roles}`, roles }));
    },
    openstack: (args) => runClient(cloud, args),
    async stop() {
      await Promise.all(stage.replicas.map((replica) => replica.kill()));
      await nodes.stop();
      await stage.stop();
      if (uuid !== undefined) await cloud.deleteCluster(uuid);
      else for (const { id } of await cloud.servers()) await cloud.deleteServer(id);
      await cloud[Symbol.asyncDispose]();
    },
  };
}

async function makeMembers(cloud: OpenStackCloud, { servers = [], size }: CloudStageOptions) {
  if (size === undefined) {
    const workers = await Promise.all(servers.map((name) => cloud.createServer(name)));
    return { masters: [], workers, uuid: undefined, clusterName: undefined };
  }
  const { name, uuid, masters, workers } = await cloud.createCluster({ name: "k8s", ...size });
  return { masters, workers, uuid, clusterName: name };
}

/** What a pod of the manifest's DaemonSet would find in the mounted ConfigMap. */
async function throughConfigMap({ api }: Stage, text: string): Promise<string> {
  const path = "/api/v1/namespaces/aceso/configmaps/aceso";
  await api.patch(path, { data: { "config.yaml": text } });
  return (await api.get(path)).data["config.yaml"];
}

function runClient({ account }: OpenStackCloud, args: readonly string[]): Promise<string> {
  const env = {
    PATH: "/usr/bin:/bin",
    LC_ALL: "C.UTF-8",
    OS_AUTH_URL: account.authUrl,
    OS_IDENTITY_API_VERSION: "3",
    OS_REGION_NAME: account.region,
    OS_USERNAME: account.userName,
    OS_USER_DOMAIN_NAME: account.userDomainName,
    OS_PASSWORD: account.password,
    OS_PROJECT_ID: account.projectId,
  };
  return new Promise((resolve, reject) => {
    execFile("openstack", args, { env, timeout: 240_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`openstack ${args.join(" ")}: ${stderr.trim() || error.message}`));
    });
  });
}
