import { Operator } from "../cloud/operator.ts";
import { type ApiService, catalogPath, computeHosts, host, type Layout, password, region } from "./layout.ts";

/** Ids of what every tenant uses. */
export interface SeededIds {
  readonly image: string;
  readonly flavor: string;
  readonly network: string;
  readonly clusterTemplate: string;
  readonly adminUser: string;
  readonly adminProject: string;
  /** Catalog entries by service. */
  readonly services: Readonly<Record<string, string>>;
  /** Roles by name. */
  readonly roles: Readonly<Record<string, string>>;
}

const catalog: readonly { readonly service: ApiService; readonly type: string }[] = [
  { service: "placement", type: "placement" },
  { service: "glance", type: "image" },
  { service: "neutron", type: "network" },
  { service: "nova", type: "compute" },
  { service: "heat", type: "orchestration" },
  { service: "magnum", type: "container-infra" },
  { service: "cinder", type: "volumev3" },
];

/** Accounts of the services and the catalog. Needs Keystone alone, freshly bootstrapped. */
export async function seedIdentity(layout: Layout): Promise<void> {
  const admin = new Operator(layout);
  const make = async (kind: string, body: Record<string, unknown>): Promise<string> =>
    (await admin.do("POST", "keystone", `/${kind}s`, { [kind]: body }))[kind].id;
  const grant = (path: string, role: string | undefined) => admin.must("PUT", "keystone", `${path}/roles/${role}`);

  for (const name of ["heat_stack_owner", "heat_stack_user", "service"]) await make("role", { name });
  const roles = await rolesByName(admin);
  const project = await make("project", { name: "service", domain_id: "default" });
  for (const { service, type } of catalog) {
    const user = await make("user", { name: service, password, domain_id: "default" });
    await grant(`/projects/${project}/users/${user}`, roles.admin);
    await grant(`/projects/${project}/users/${user}`, roles.service);
    const id = await make("service", { name: service, type });
    for (const kind of ["public", "internal", "admin"]) {
      const url = `http://${host}:${layout.ports[service]}${catalogPath(service)}`;
      await make("endpoint", { service_id: id, interface: kind, region_id: region, url });
    }
  }
  // Heat's stack users and Magnum's cluster trustees live in domains of their own
  for (const [name, keeper] of [
    ["heat", "heat_domain_admin"],
    ["magnum", "magnum_domain_admin"],
  ] as const) {
    const domain = await make("domain", { name });
    const user = await make("user", { name: keeper, password, domain_id: domain });
    await grant(`/domains/${domain}/users/${user}`, roles.admin);
  }
}

/** Image, flavor, networks, zones and cluster template. Needs all services. */
export async function seedResources(layout: Layout): Promise<SeededIds> {
  const admin = new Operator(layout);
  const image = (
    await admin.do("POST", "glance", "/v2/images", {
      name: "fcos",
      disk_format: "raw",
      container_format: "bare",
      visibility: "public",
      os_distro: "fedora-coreos",
    })
  ).id;
  await admin.must("PUT", "glance", `/v2/images/${image}/file`, new Uint8Array([0]));
  const size = { ram: 64, vcpus: 1, disk: 1 };
  const { flavor } = await admin.do("POST", "nova", "/flavors", { flavor: { name: "m1.tiny", ...size } });
  await makeNetwork(admin, { name: "public", "router:external": true }, "172.24.0.0/16");
  const network = await makeNetwork(admin, { name: "servers" }, "10.77.0.0/16");
  await makeZones(admin);
  const identities = await admin.do("GET", "keystone", "/users?name=admin&domain_id=default");
  const projects = await admin.do("GET", "keystone", "/projects?name=admin&domain_id=default");
  const services = await admin.do("GET", "keystone", "/services");
  const names = services.services.map(({ name, id }: { name: string; id: string }) => [name, id]);
  return {
    image,
    flavor: flavor.id,
    network,
    clusterTemplate: await makeClusterTemplate(admin),
    adminUser: identities.users[0].id,
    adminProject: projects.projects[0].id,
    services: Object.fromEntries(names),
    roles: await rolesByName(admin),
  };
}

async function rolesByName(admin: Operator): Promise<Record<string, string>> {
  const { roles } = await admin.do("GET", "keystone", "/roles");
  return Object.fromEntries(roles.map(({ name, id }: { name: string; id: string }) => [name, id]));
}

async function makeNetwork(admin: Operator, what: Record<string, unknown>, cidr: string): Promise<string> {
  const { network } = await admin.do("POST", "neutron", "/v2.0/networks", { network: { shared: true, ...what } });
  const subnet = { network_id: network.id, name: what.name, ip_version: 4, cidr, enable_dhcp: false };
  await admin.must("POST", "neutron", "/v2.0/subnets", { subnet });
  return network.id;
}

async function makeZones(admin: Operator): Promise<void> {
  for (const zone of new Set(computeHosts.map((each) => each.zone))) {
    const { aggregate } = await admin.do("POST", "nova", "/os-aggregates", {
      aggregate: { name: zone, availability_zone: zone },
    });
    for (const { name } of computeHosts.filter((each) => each.zone === zone)) {
      await admin.must("POST", "nova", `/os-aggregates/${aggregate.id}/action`, { add_host: { host: name } });
    }
  }
}

async function makeClusterTemplate(admin: Operator): Promise<string> {
  const { uuid } = await admin.do("POST", "magnum", "/clustertemplates", {
    name: "kubernetes",
    coe: "kubernetes",
    image_id: "fcos",
    flavor_id: "m1.tiny",
    master_flavor_id: "m1.tiny",
    external_network_id: "public",
    network_driver: "flannel",
    docker_storage_driver: "overlay2",
    floating_ip_enabled: false,
    master_lb_enabled: false,
    server_type: "vm",
    public: true,
    labels: { kube_tag: "v1.23.3" },
  });
  return uuid;
}
