import { eventually } from "../../../support/eventually.ts";
import { Operator } from "../cloud/operator.ts";
import { type ApiService, type ComputeHost, computeHosts, type Layout } from "./layout.ts";
import type { Processes } from "./processes.ts";
import { erlangNames, messages, novaCompute, services, volumes } from "./programs.ts";

export async function startMessages(layout: Layout, processes: Processes): Promise<void> {
  await processes.start(erlangNames(layout));
  await processes.untilListening("erlang-names", layout.ports.erlangNames);
  await processes.start(messages(layout));
  await processes.untilListening("messages", layout.ports.messages);
}

const apis: readonly { readonly name: string; readonly service: ApiService }[] = [
  { name: "placement", service: "placement" },
  { name: "glance", service: "glance" },
  { name: "neutron", service: "neutron" },
  { name: "nova-api", service: "nova" },
  { name: "heat-api", service: "heat" },
  { name: "magnum-api", service: "magnum" },
];

/** Starts everything above Keystone and resolves when the APIs answer and the compute hosts report. */
export async function startApis(layout: Layout, processes: Processes): Promise<void> {
  for (const program of services(layout)) await processes.start(program);
  await Promise.all(
    apis.map(({ name, service }) => processes.untilAnswering(name, `http://127.0.0.1:${layout.ports[service]}/`)),
  );
  const admin = new Operator(layout);
  // Neutron's first query builds its tables' mappers; if Nova's question is that first one, it fails for good
  await processes.until("neutron", "Neutron lists networks", async () => {
    return (await admin.ask("GET", "neutron", "/v2.0/networks")).status === 200;
  });
  await Promise.all([
    untilReports(admin, "compute-1"),
    untilSays(admin, "nova", "/servers/detail"),
    untilSays(admin, "heat", "/build_info", true),
    untilSays(admin, "magnum", "/clusters"),
  ]);
}

/** Volumes cost half a gigabyte of memory and are started when the first server wants one. */
export async function startVolumes(layout: Layout, processes: Processes): Promise<void> {
  for (const program of volumes(layout)) await processes.start(program);
  await processes.untilAnswering("cinder-api", `http://127.0.0.1:${layout.ports.cinder}/`);
  const admin = new Operator(layout);
  await eventually("the volume service reports", async () => {
    const project = await projectOf(admin);
    const { services: all } = await admin.do("GET", "cinder", `/${project}/os-services`);
    const isUp = (binary: string) =>
      all.some((each: { binary: string; state: string }) => each.binary === binary && each.state === "up");
    return isUp("cinder-volume") && isUp("cinder-scheduler");
  });
}

/** Starts those compute hosts of a zone that do not run, and resolves when all of them report. */
export async function startZone(layout: Layout, processes: Processes, zone: string): Promise<void> {
  const names = computeHosts.filter((each) => each.zone === zone).map(({ name }) => name);
  for (const name of names) {
    if (!processes.isRunning(`nova-${name}`)) await processes.start(novaCompute(layout, name));
  }
  const admin = new Operator(layout);
  for (const name of names) await untilReports(admin, name);
}

/** Resolves when Nova counts the compute host as up. */
export async function untilReports(admin: Operator, name: ComputeHost): Promise<void> {
  await eventually(
    `${name} reports`,
    async () => (await computeServices(admin)).some(({ host, state }) => host === name && state === "up"),
    { withinMs: 120_000, everyMs: 300 },
  );
}

/** State and host of every nova-compute, in Nova's words. */
export async function computeServices(
  admin: Operator,
): Promise<readonly { readonly id: string; readonly host: string; readonly state: string }[]> {
  return (await admin.do("GET", "nova", "/os-services?binary=nova-compute")).services;
}

async function untilSays(admin: Operator, service: ApiService, path: string, isOfProject = false): Promise<void> {
  const prefix = isOfProject ? `/${await projectOf(admin)}` : "";
  await eventually(
    `${service} answers ${path}`,
    async () => {
      const { status } = await admin.ask("GET", service, `${prefix}${path}`);
      return status === 200;
    },
    { withinMs: 120_000, everyMs: 300 },
  );
}

async function projectOf(admin: Operator): Promise<string> {
  const { projects } = await admin.do("GET", "keystone", "/auth/projects");
  return projects.find(({ name }: { name: string }) => name === "admin").id;
}
