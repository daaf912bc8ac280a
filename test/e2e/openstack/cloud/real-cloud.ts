import { systemClock } from "../../../../src/app/clock.ts";
import type { OpenStackCloud, SeenCall } from "../../../support/openstack-cloud.ts";
import { host, password, type Zone } from "../services/layout.ts";
import { heatTokenCacheSeconds } from "../services/settings/orchestration.ts";
import { type Services, type ServicesAddress, type ServicesOptions, startServices } from "../services/start.ts";
import { call, refusal } from "./call.ts";
import { Clusters } from "./clusters.ts";
import { type Front, openFront } from "./front.ts";
import { Operator } from "./operator.ts";
import { Servers } from "./servers.ts";
import { forgetRegion, fronted, makeTenant } from "./tenant.ts";

export interface JoinOptions {
  /** Where servers are created. `steady` where nothing is said; a risky zone that no other file has where hosts are to die. */
  readonly zone?: Zone;
}

/** Processes start meanwhile, and one order waits for another. Less than fetch waits for an answer. */
const orderMs = 290_000;

/**
 * A tenant of services that run already: a user, a project, a region and fronts of its own, so that several test files can
 * share the services and each sees and disturbs only its own calls. The compute host of the zone `steady` is shared.
 */
export async function joinOpenStack(address: ServicesAddress, options: JoinOptions = {}): Promise<OpenStackCloud> {
  const { layout } = address;
  const zone = options.zone ?? "steady";
  const calls: SeenCall[] = [];
  const admin = new Operator(layout);
  const fronts = new Map<string, Front>();
  for (const name of fronted) fronts.set(name, await openFront(name, layout.ports[name], (seen) => calls.push(seen)));
  const front = (name: string): Front => {
    const found = fronts.get(name);
    if (found === undefined) throw new Error(`nothing stands before ${name}`);
    return found;
  };
  const tenant = await makeTenant(admin, address, (service) => front(service).port);
  const owner = new Operator(layout, { user: tenant.user.name, project: tenant.project.name });
  const servers = new Servers(address, tenant, owner, admin, zone);
  const clusters = new Clusters(address, tenant, owner, servers, zone);
  const order = async (path: string) => {
    const url = `http://${host}:${layout.ports.hand}${path}`;
    const answer = await call({ method: "POST", url, withinMs: orderMs });
    if (answer.status !== 204) throw refusal(path, answer);
  };
  await order(`/zones/${zone}`);
  /** Those that this tenant killed, by the server that it named. */
  const deadHosts = new Map<string, string>();
  const credentials = `/users/${tenant.user.id}/application_credentials`;

  const accountOf = ({ id, name }: { readonly id: string; readonly name: string }) => ({
    authUrl: `http://${host}:${front("keystone").port}/v3`,
    region: tenant.region,
    userId: id,
    userName: name,
    userDomainName: "Default",
    password,
    projectId: tenant.project.id,
    projectName: tenant.project.name,
  });

  return {
    account: accountOf(tenant.user),
    adminAccount: accountOf({ id: address.ids.adminUser, name: "admin" }),
    async createServer(name, wish = {}) {
      if (wish.fromVolume === true) await order("/volumes");
      return servers.create(name, wish);
    },
    server: (id) => servers.find(id),
    servers: () => servers.all(),
    deleteServer: (id) => servers.delete(id),
    act: (id, action) => servers.act(id, action),
    setFault: (id, operation, fault) => servers.setFault(id, operation, fault),
    createCluster: (wish) => clusters.create(wish),
    cluster: (uuid) => clusters.get(uuid),
    deleteCluster: (uuid) => clusters.delete(uuid),
    setLabel: (uuid, label, value) => clusters.setLabel(uuid, label, value),
    beginForeignUpdate: (uuid) => clusters.beginForeignUpdate(uuid),
    async createApplicationCredential({ name, roles, expiresInMs }) {
      const wish = {
        name,
        ...(roles === undefined ? {} : { roles: roles.map((role) => ({ name: role })) }),
        ...(expiresInMs === undefined ? {} : { expires_at: expiry(expiresInMs) }),
      };
      const made = await owner.do("POST", "keystone", credentials, { application_credential: wish });
      return { id: made.application_credential.id, secret: made.application_credential.secret };
    },
    async deleteApplicationCredential(id) {
      await owner.must("DELETE", "keystone", `${credentials}/${id}`);
    },
    async revokeTokens() {
      await admin.must("PATCH", "keystone", `/users/${tenant.user.id}`, { user: { password: `not-${password}` } });
      await admin.must("PATCH", "keystone", `/users/${tenant.user.id}`, { user: { password } });
      // Keystone's times have whole seconds: a token of this very second would count as given before; and Heat forgets
      await systemClock.sleep(Math.max(1_100, heatTokenCacheSeconds * 1_000));
    },
    async setComputeHost(id, state) {
      // an evacuated server has left the host that died
      const name = deadHosts.get(id) ?? (await servers.hostOf(id));
      await order(`/hosts/${name}/${state}`);
      if (state === "dead") deadHosts.set(id, name);
      else deadHosts.delete(id);
    },
    setServiceFault: (service, fault) => front(service).setFault(fault),
    loseNextAnswer: (service, method, path) => front(service).loseNextAnswer({ method, path }),
    calls: () => [...calls],
    async [Symbol.asyncDispose]() {
      await Promise.all([...fronts.values()].map((each) => each.close()));
      for (const name of new Set(deadHosts.values())) await order(`/hosts/${name}/alive`);
      await forgetRegion(admin, tenant.region);
    },
  };
}

/** Services of one's own with one tenant; disposing it stops everything. */
export async function startOpenStack(
  options: ServicesOptions & JoinOptions = {},
): Promise<OpenStackCloud & { readonly services: Services }> {
  const services = await startServices(options);
  const cloud = await joinOpenStack(services.address, options).catch(async (error) => {
    await services.stop();
    throw error;
  });
  return {
    ...cloud,
    services,
    async [Symbol.asyncDispose]() {
      await cloud[Symbol.asyncDispose]();
      await services.stop();
    },
  };
}

function expiry(inMs: number): string {
  return new Date(systemClock.now().wallMs + inMs).toISOString().replace("Z", "");
}
