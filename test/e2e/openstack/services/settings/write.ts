import { mkdir, writeFile } from "node:fs/promises";
import { computeHosts, file, type Layout } from "../layout.ts";
import { cinder, computeHost, nova } from "./compute.ts";
import { glance, keystone, placement } from "./identity.ts";
import { type Settings, toIni } from "./ini.ts";
import { neutron } from "./network.ts";
import { heat, heatEnvironment, magnum } from "./orchestration.ts";

const files: Readonly<Record<string, (layout: Layout) => Settings>> = {
  "keystone.conf": keystone,
  "glance.conf": glance,
  "neutron.conf": neutron,
  "nova.conf": nova,
  "cinder.conf": cinder,
  "heat.conf": heat,
  "magnum.conf": magnum,
  "placement/placement.conf": placement,
};

/** Python finds plugins of neutron by the entry points of what is installed. */
const entryPoints = "[neutron.ml2.mechanism_drivers]\naceso = aceso_cloud.ports:BindsAll\n";

/** Writes every configuration file anew: they hold this start's ports. */
export async function writeSettings(layout: Layout): Promise<void> {
  await mkdir(file(layout, "etc", "placement"), { recursive: true });
  await mkdir(file(layout, "etc", "heat-environment"), { recursive: true });
  for (const [name, make] of Object.entries(files)) await writeFile(file(layout, "etc", name), toIni(make(layout)));
  for (const { name } of computeHosts) {
    await writeFile(file(layout, "etc", `nova-${name}.conf`), toIni(computeHost(name)));
  }
  await writeFile(file(layout, "etc", "heat-environment", "aceso.yaml"), heatEnvironment);
  const distribution = file(layout, "python", "aceso_cloud-1.dist-info");
  await mkdir(distribution, { recursive: true });
  await writeFile(`${distribution}/METADATA`, "Metadata-Version: 2.1\nName: aceso_cloud\nVersion: 1\n");
  await writeFile(`${distribution}/entry_points.txt`, entryPoints);
}
