import { mkdir, rm, writeFile } from "node:fs/promises";
import { eventually } from "../../../support/eventually.ts";
import { createSchemas, emptyDatabase } from "./database.ts";
import { computeHosts, file, type Layout, password, region, urlOf } from "./layout.ts";
import type { Processes } from "./processes.ts";
import { database, keystone, type Program, program } from "./programs.ts";
import { seedIdentity, seedResources } from "./seed.ts";
import { databaseUrl } from "./settings/ini.ts";
import { startApis, startMessages, startZone } from "./start-order.ts";

/** What a ready state consists of; everything else in the folder belongs to one start. */
export const readyParts = ["database", "keys", "images", "ids.json"] as const;

/**
 * From nothing to services that have run once: schemas, accounts, catalog, image, networks, hosts known to Nova. About
 * a minute. When it resolves nothing runs any more and `readyParts` can be copied.
 */
export async function prepareState(layout: Layout, processes: Processes): Promise<void> {
  await mkdir(file(layout, "keys"), { recursive: true });
  await mkdir(file(layout, "images"), { recursive: true });
  await processes.run(emptyDatabase(layout));
  await processes.start(database(layout));
  await processes.untilListening("database", layout.ports.database);
  await createSchemas(layout);

  const messages = startMessages(layout, processes);
  await makeKeystone(layout, processes);
  await Promise.all([seedIdentityOf(layout, processes), makeNova(layout, processes), makeOthers(layout, processes)]);
  await messages;
  await startApis(layout, processes);
  const zones = new Set(computeHosts.map(({ zone }) => zone));
  await Promise.all([...zones].map((zone) => startZone(layout, processes, zone)));
  await mapHosts(layout, processes);
  await writeFile(file(layout, "ids.json"), JSON.stringify(await seedResources(layout), undefined, 2));

  // the database last and gently: its files are what is kept
  await Promise.all(
    Object.keys(processes.pids()).map((name) => (name === "database" ? undefined : processes.kill(name))),
  );
  await processes.end("database");
  await rm(file(layout, "database.sock"), { force: true });
}

async function makeKeystone(layout: Layout, processes: Processes): Promise<void> {
  const manage = (...args: readonly string[]) =>
    processes.run({
      name: `keystone-manage ${args[0]}`,
      command: "/usr/bin/keystone-manage",
      args: [`--config-file=${file(layout, "etc", "keystone.conf")}`, ...args],
    });
  const owner = ["--keystone-user", "root", "--keystone-group", "root"];
  const address = urlOf(layout, "keystone");
  await manage("db_sync");
  await manage("fernet_setup", ...owner);
  await manage("credential_setup", ...owner);
  const urls = ["public", "internal", "admin"].flatMap((kind) => [`--bootstrap-${kind}-url`, address]);
  await manage("bootstrap", "--bootstrap-password", password, "--bootstrap-region-id", region, ...urls);
}

async function seedIdentityOf(layout: Layout, processes: Processes): Promise<void> {
  await processes.start(keystone(layout));
  await processes.untilAnswering("keystone", urlOf(layout, "keystone"));
  await seedIdentity(layout);
}

const novaManage = (layout: Layout, ...args: readonly string[]): Program =>
  program(layout, "nova-manage", "nova.cmd.manage:main", "nova", args);

async function makeNova(layout: Layout, processes: Processes): Promise<void> {
  await processes.run(novaManage(layout, "api_db", "sync"));
  const cell0 = databaseUrl(layout, "nova_cell0");
  await processes.run(novaManage(layout, "cell_v2", "map_cell0", "--database_connection", cell0));
  await processes.run(novaManage(layout, "db", "sync"));
  await processes.run(novaManage(layout, "cell_v2", "create_cell", "--name", "cell1"));
}

async function makeOthers(layout: Layout, processes: Processes): Promise<void> {
  const placement = { name: "placement-manage", command: "/usr/bin/placement-manage" };
  const settings = `--config-file=${file(layout, "etc", "placement", "placement.conf")}`;
  await processes.run({ ...placement, args: [settings, "db", "sync"] });
  await processes.run(program(layout, "glance-manage", "glance.cmd.manage:main", "glance", ["db_sync"]));
  await processes.run(program(layout, "heat-manage", "heat.cmd.manage:main", "heat", ["db_sync"]));
  const magnum = [`--config-file=${file(layout, "etc", "magnum.conf")}`, "upgrade"];
  await processes.run({ name: "magnum-db-manage", command: "/usr/bin/magnum-db-manage", args: magnum });
  await processes.run(program(layout, "cinder-manage", "cinder.cmd.manage:main", "cinder", ["db", "sync"]));
  await processes.run(
    program(layout, "neutron-db-manage", "neutron.db.migration.cli:main", "neutron", ["upgrade", "heads"]),
  );
}

/** Nova places nothing on a host before it is mapped to its cell. */
async function mapHosts(layout: Layout, processes: Processes): Promise<void> {
  let mapped = 0;
  await eventually(
    "every compute host is known to Nova",
    async () => {
      const said = await processes.run(novaManage(layout, "cell_v2", "discover_hosts", "--verbose"));
      mapped += said.split("Creating host mapping").length - 1;
      return mapped >= computeHosts.length;
    },
    { withinMs: 120_000, everyMs: 500 },
  );
}
