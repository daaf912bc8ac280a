import openstack from "../../plugins/providers/openstack/index.ts";
import { systemClock } from "../../src/app/clock.ts";
import { validateParams } from "../../src/config/params.ts";
import type { Act, NodeIdentity, Provider } from "../../src/plugin-api/index.ts";
import { eventually } from "./eventually.ts";
import type { OpenStackCloud } from "./openstack-cloud.ts";
import type { ProviderRig } from "./provider-contract.ts";
import { recordingLog } from "./recording-log.ts";

export const never = new AbortController().signal;

export interface ProviderWish {
  /** Keys of the section `openstack` beside or instead of the account's. */
  readonly section?: Readonly<Record<string, unknown>>;
  readonly clusterName?: string;
}

/** The real plugin, with nothing but the cloud's account. */
export async function makeOpenStack(
  { account }: Pick<OpenStackCloud, "account">,
  wish: ProviderWish = {},
): Promise<Provider> {
  const login = {
    "auth-url": account.authUrl,
    region: account.region,
    "user-id": account.userId,
    password: account.password,
    "project-id": account.projectId,
  };
  const { values, problems } = validateParams(openstack.params, { ...login, ...wish.section });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return await openstack.create(values, { clock: systemClock, log: recordingLog(), clusterName: wish.clusterName });
}

/** A Node as the OpenStack cloud provider would describe it. */
export function nodeOf(serverId: string, fields: Partial<NodeIdentity> = {}): NodeIdentity {
  return {
    name: "node-1",
    uid: "uid-1",
    providerID: `openstack:///${serverId}`,
    systemUUID: serverId.toUpperCase(),
    internalIP: "10.0.0.1",
    machineAnnotation: undefined,
    ...fields,
  };
}

export const nameless: Partial<NodeIdentity> = { providerID: "", systemUUID: "" };

let acts = 0;

/** Each with an id of its own unless `fields` name one. */
export function actOn(machine: string, fields: Partial<Act> = {}): Act {
  acts += 1;
  const about = { machine, node: nodeOf(machine), id: `act-${acts}`, timeoutMs: 60_000, signal: never };
  return { ...about, mayAct: async () => {}, ...fields };
}

/** Calls that change something, as `POST /servers/…`; logins are none. */
export function changesSeen(cloud: OpenStackCloud, path: RegExp = /./): number {
  return cloud.calls().filter((call) => call.service !== "keystone" && call.method !== "GET" && path.test(call.path))
    .length;
}

export async function becomes(cloud: OpenStackCloud, id: string, status: "ACTIVE" | "SHUTOFF"): Promise<void> {
  await eventually(
    `server ${id} is ${status}`,
    async () => {
      const server = await cloud.server(id);
      return server?.status === status && server.taskState === null;
    },
    { withinMs: 240_000, everyMs: 50 },
  );
}

/** One running server of a cloud as the provider contract wants it. The cloud may be shared: it is healed at the end. */
export async function openStackRig(cloud: OpenStackCloud, server: string, wish: ProviderWish): Promise<ProviderRig> {
  const provider = await makeOpenStack(cloud, wish);
  const before = changesSeen(cloud);
  const services = ["nova", "heat", "magnum"] as const;
  const fault = async (kind: "silent" | "talks-nonsense" | undefined) => {
    for (const service of services) await cloud.setServiceFault(service, kind);
  };
  return {
    provider,
    node: nodeOf(server),
    stranger: nodeOf(server, nameless),
    clock: systemClock,
    power: async () => ((await cloud.server(server))?.powerState === 1 ? "on" : "off"),
    acts: async () => changesSeen(cloud) - before,
    makeOwnerSilent: () => fault("silent"),
    makeOwnerTalkNonsense: () => fault("talks-nonsense"),
    async [Symbol.asyncDispose]() {
      await fault(undefined);
      if ((await cloud.server(server))?.status === "SHUTOFF") await cloud.act(server, { "os-start": null });
      await becomes(cloud, server, "ACTIVE");
    },
  };
}
