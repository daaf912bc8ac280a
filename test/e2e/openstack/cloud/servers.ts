import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, Hopeless } from "../../../support/eventually.ts";
import type { CloudServer, OperationFault, ServerOperation } from "../../../support/openstack-cloud.ts";
import type { Zone } from "../services/layout.ts";
import type { ServicesAddress } from "../services/start.ts";
import type { Body } from "./call.ts";
import { type Operator, succeeded } from "./operator.ts";
import type { Tenant } from "./tenant.ts";

/** Nova's servers of one tenant, and the machines behind them. */
export class Servers {
  readonly #address: ServicesAddress;
  readonly #tenant: Tenant;
  readonly #owner: Operator;
  readonly #admin: Operator;
  readonly #zone: Zone;

  constructor(address: ServicesAddress, tenant: Tenant, owner: Operator, admin: Operator, zone: Zone) {
    this.#address = address;
    this.#tenant = tenant;
    this.#owner = owner;
    this.#admin = admin;
    this.#zone = zone;
  }

  async create(name: string, options: { metadata?: Readonly<Record<string, string>>; fromVolume?: boolean }) {
    const { image, flavor, network } = this.#address.ids;
    const disk = {
      boot_index: 0,
      uuid: image,
      source_type: "image",
      destination_type: "volume",
      volume_size: 1,
      delete_on_termination: true,
    };
    const server = {
      name,
      flavorRef: flavor,
      networks: [{ uuid: network }],
      availability_zone: this.#zone,
      metadata: options.metadata ?? {},
      ...(options.fromVolume === true ? { block_device_mapping_v2: [disk] } : { imageRef: image }),
    };
    const { id } = (await this.#owner.do("POST", "nova", "/servers", { server })).server;
    return eventually(
      `server ${name} is ACTIVE`,
      async () => {
        const found = await this.find(id);
        if (found?.status === "ERROR") throw new Hopeless(`server ${name} is in ERROR: ${found.fault}`);
        return found?.status === "ACTIVE" && found.taskState === null ? found : undefined;
      },
      { withinMs: 240_000, everyMs: 250 },
    );
  }

  async find(id: string): Promise<CloudServer | undefined> {
    const answer = await this.#owner.ask("GET", "nova", `/servers/${id}`);
    if (answer.status === 404) return undefined;
    return this.#toServer(succeeded(`server ${id}`, answer).body.server);
  }

  async all(): Promise<readonly CloudServer[]> {
    const { servers } = await this.#owner.do("GET", "nova", "/servers/detail");
    const found: CloudServer[] = await Promise.all(servers.map((server: Body) => this.#toServer(server)));
    return found.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Resolves when Nova knows it no longer. */
  async delete(id: string): Promise<void> {
    const answer = await this.#admin.ask("DELETE", "nova", `/servers/${id}`);
    if (answer.status === 404) return;
    succeeded(`delete server ${id}`, answer);
    await eventually(`server ${id} is gone`, async () => (await this.find(id)) === undefined, {
      withinMs: 240_000,
    });
  }

  async act(id: string, action: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#admin.must("POST", "nova", `/servers/${id}/action`, action);
  }

  /** @param id of a server, or `*` for all of the project */
  async setFault(id: string, operation: ServerOperation, fault: OperationFault | undefined): Promise<void> {
    const text = fault?.kind === "delay" ? `delay ${fault.seconds}` : fault?.kind;
    await this.#writeFault(id, operation, text);
  }

  /** The next server that is made takes so much longer. */
  async delayNextSpawn(seconds: number): Promise<void> {
    await this.#writeFault("*", "spawn", `delay ${seconds} once`);
  }

  async #writeFault(id: string, operation: ServerOperation, text: string | undefined): Promise<void> {
    const folder = join(this.#address.layout.dir, "faults", id === "*" ? this.#tenant.project.id : id);
    const path = join(folder, operation);
    if (text === undefined) return rm(path, { force: true });
    await mkdir(folder, { recursive: true });
    // the hypervisor reads at any moment, and must not find half of it
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  }

  async hostOf(id: string): Promise<string> {
    const { server } = await this.#admin.do("GET", "nova", `/servers/${id}`);
    return server["OS-EXT-SRV-ATTR:host"];
  }

  async #toServer(server: Body): Promise<CloudServer> {
    const addresses: { readonly addr: string }[] = Object.values<Body>(server.addresses ?? {}).flat();
    return {
      id: server.id,
      name: server.name,
      status: server.status,
      powerState: server["OS-EXT-STS:power_state"],
      taskState: server["OS-EXT-STS:task_state"],
      fault: server.fault?.message,
      ip: addresses[0]?.addr ?? "",
      boots: await this.#boots(server.id),
    };
  }

  async #boots(id: string): Promise<number> {
    const text = await readFile(join(this.#address.layout.dir, "machines", id), "utf8").catch(() => undefined);
    return text === undefined ? 0 : JSON.parse(text).boots;
  }
}
