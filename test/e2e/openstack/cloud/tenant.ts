import { randomUUID } from "node:crypto";
import { type ApiService, catalogPath, host, password, urlOf } from "../services/layout.ts";
import type { ServicesAddress } from "../services/start.ts";
import type { Operator } from "./operator.ts";

/** A user and a project of its own, and a region whose catalog leads through the fronts of one test file. */
export interface Tenant {
  readonly user: { readonly id: string; readonly name: string };
  readonly project: { readonly id: string; readonly name: string };
  readonly region: string;
}

/** What stands in the catalog of the region: through a front where there is one, as `public`. */
export const fronted = ["keystone", "nova", "heat", "magnum", "cinder"] as const satisfies readonly ApiService[];

/** Nobody's calls to these are counted; the `openstack` command wants to find them. */
const unfronted = ["glance", "neutron", "placement"] as const satisfies readonly ApiService[];

export async function makeTenant(
  admin: Operator,
  { layout, ids }: ServicesAddress,
  portOf: (service: (typeof fronted)[number]) => number,
): Promise<Tenant> {
  const suffix = randomUUID().slice(0, 8);
  const region = `region-${suffix}`;
  const make = async (kind: "user" | "project", body: Record<string, unknown>) =>
    (await admin.do("POST", "keystone", `/${kind}s`, { [kind]: { domain_id: "default", ...body } }))[kind];
  const project = await make("project", { name: `k8s-${suffix}` });
  const user = await make("user", { name: `healer-${suffix}`, password, default_project_id: project.id });
  for (const role of ["member", "reader", "heat_stack_owner"]) {
    await admin.must("PUT", "keystone", `/projects/${project.id}/users/${user.id}/roles/${ids.roles[role]}`);
  }
  await admin.must("PUT", "keystone", `/projects/${project.id}/users/${ids.adminUser}/roles/${ids.roles.admin}`);
  await admin.must("POST", "keystone", "/regions", { region: { id: region } });
  for (const service of fronted) {
    const path = catalogPath(service);
    const direct = `http://${host}:${layout.ports[service]}${path}`;
    const through = `http://${host}:${portOf(service)}${path}`;
    for (const [kind, url] of [
      ["public", through],
      ["internal", direct],
      ["admin", direct],
    ] as const) {
      const endpoint = { service_id: ids.services[service], interface: kind, region_id: region, url };
      await admin.must("POST", "keystone", "/endpoints", { endpoint });
    }
  }
  for (const service of unfronted) {
    const url = `http://${host}:${layout.ports[service]}${catalogPath(service)}`;
    const endpoint = { service_id: ids.services[service], interface: "public", region_id: region, url };
    await admin.must("POST", "keystone", "/endpoints", { endpoint });
  }
  return { user: { id: user.id, name: user.name }, project: { id: project.id, name: project.name }, region };
}

/** The catalog of later tokens is not to grow with every test file. */
export async function forgetRegion(admin: Operator, region: string): Promise<void> {
  const { endpoints } = await admin.do("GET", "keystone", `/endpoints?region_id=${region}`);
  for (const { id } of endpoints) await admin.must("DELETE", "keystone", `/endpoints/${id}`);
  await admin.must("DELETE", "keystone", `/regions/${region}`);
}

/** Address at which a service itself answers this tenant's project. */
export function projectUrl(address: ServicesAddress, service: "heat" | "cinder", project: string): string {
  return `${urlOf(address.layout, service)}/${project}`;
}
