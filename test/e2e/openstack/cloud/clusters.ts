import { eventually } from "../../../support/eventually.ts";
import type { CloudCluster, CloudServer, ClusterWish } from "../../../support/openstack-cloud.ts";
import { quoted, sql } from "../services/database.ts";
import type { Zone } from "../services/layout.ts";
import type { ServicesAddress } from "../services/start.ts";
import type { Body } from "./call.ts";
import { type Operator, succeeded } from "./operator.ts";
import type { Servers } from "./servers.ts";
import { projectUrl, type Tenant } from "./tenant.ts";

/** Labels with which a cluster is healed from outside, as the guide of magnum-auto-healer asks for them. */
const usualLabels = {
  kube_tag: "v1.23.3",
  auto_healing_enabled: "true",
  auto_healing_controller: "magnum-auto-healer",
};

/** Seconds that the new server of somebody else's update takes. */
const foreignDelaySeconds = 15;

const mostTries = 3;

/** Magnum's clusters of one tenant, with their Heat stacks. */
export class Clusters {
  readonly #address: ServicesAddress;
  readonly #owner: Operator;
  readonly #servers: Servers;
  readonly #zone: Zone;
  readonly #heat: string;

  constructor(address: ServicesAddress, tenant: Tenant, owner: Operator, servers: Servers, zone: Zone) {
    this.#address = address;
    this.#owner = owner;
    this.#servers = servers;
    this.#zone = zone;
    this.#heat = projectUrl(address, "heat", tenant.project.id);
  }

  /**
   * Resolves when Magnum says CREATE_COMPLETE: about 25 s, and 5 s more for each server. One that fails is deleted and
   * made anew: Magnum gives up a creation for good when one of its calls to a busy Keystone fails (`Failed to list services`).
   *
   * @throws Error when it failed each time
   */
  async create(wish: ClusterWish): Promise<CloudCluster> {
    for (let tries = 1; ; tries += 1) {
      const uuid = await this.#begin(wish);
      const failure = await this.#failureOf(uuid, wish.name);
      if (failure === undefined) return this.get(uuid);
      if (tries >= mostTries) throw new Error(`cluster ${wish.name}: ${failure}`);
      process.stderr.write(`cluster ${wish.name} is made anew: ${failure}\n`);
      await this.delete(uuid);
    }
  }

  /** @returns its uuid */
  async #begin({ name, masters, workers, labels = {} }: ClusterWish): Promise<string> {
    const { uuid } = await this.#owner.do("POST", "magnum", "/clusters", {
      name,
      cluster_template_id: this.#address.ids.clusterTemplate,
      master_count: masters,
      node_count: workers,
      master_lb_enabled: masters > 1,
      create_timeout: 15,
      labels: { ...usualLabels, availability_zone: this.#zone, ...labels },
    });
    return uuid;
  }

  /** Waits until its creation is over. @returns why it failed; undefined: it did not */
  async #failureOf(uuid: string, name: string): Promise<string | undefined> {
    const { status, status_reason, faults } = await eventually(
      `cluster ${name} is CREATE_COMPLETE`,
      async () => {
        const its = await this.#read(uuid);
        return /^CREATE_(COMPLETE|FAILED)$/.test(its.status) && its;
      },
      { withinMs: 600_000, everyMs: 1_000 },
    );
    return status === "CREATE_FAILED" ? `${status_reason} ${JSON.stringify(faults)}` : undefined;
  }

  async get(uuid: string): Promise<CloudCluster> {
    const cluster = await this.#read(uuid);
    const members = await this.#members(cluster.stack_id);
    return {
      uuid,
      name: cluster.name,
      stackId: cluster.stack_id,
      status: cluster.status,
      healthStatus: cluster.health_status,
      healthReason: cluster.health_status_reason ?? {},
      masters: members("kube-master"),
      workers: members("kube-minion"),
    };
  }

  /** Resolves when Magnum knows it no longer. */
  async delete(uuid: string): Promise<void> {
    const answer = await this.#owner.ask("DELETE", "magnum", `/clusters/${uuid}`);
    if (answer.status === 404) return;
    succeeded(`delete cluster ${uuid}`, answer);
    await eventually(
      `cluster ${uuid} is gone`,
      async () => (await this.#owner.ask("GET", "magnum", `/clusters/${uuid}`)).status === 404,
      { withinMs: 400_000, everyMs: 1_000 },
    );
  }

  /** Magnum's API refuses to change labels, so its database is written. */
  async setLabel(uuid: string, label: string, value: string): Promise<void> {
    const path = quoted(`$."${label}"`);
    const change = `update cluster set labels = json_set(labels, ${path}, ${quoted(value)}) where uuid = ${quoted(uuid)};`;
    await sql(this.#address.layout, change, "magnum");
  }

  async beginForeignUpdate(uuid: string): Promise<void> {
    const { stack_id } = await this.#read(uuid);
    const stack = await this.#stackUrl(stack_id);
    const before = (await this.#owner.do("GET", "heat", stack)).stack;
    const workers = Number(before.parameters.number_of_minions) + 1;
    await this.#servers.delayNextSpawn(foreignDelaySeconds);
    await this.#owner.must("PATCH", "heat", stack, { parameters: { number_of_minions: String(workers) } });
    await eventually(
      `stack ${stack_id} is UPDATE_IN_PROGRESS`,
      async () => (await this.#owner.do("GET", "heat", stack)).stack.stack_status === "UPDATE_IN_PROGRESS",
      { withinMs: 120_000 },
    );
  }

  async #read(uuid: string): Promise<Body> {
    return this.#owner.do("GET", "magnum", `/clusters/${uuid}`);
  }

  /** Heat answers a bare id with the address that has the name in it, too. */
  async #stackUrl(id: string): Promise<string> {
    const answer = await this.#owner.ask("GET", "heat", `${this.#heat}/stacks/${id}`);
    const location = answer.headers.get("Location");
    if (location === null) throw new Error(`stack ${id}: ${answer.status} and no Location`);
    return location;
  }

  /** Servers by the name that Magnum's templates give their resource, in the order of their index. */
  async #members(stack: string | null): Promise<(resource: string) => readonly CloudServer[]> {
    if (stack === null) return () => [];
    const url = `${await this.#stackUrl(stack)}/resources?nested_depth=2&type=OS::Nova::Server`;
    const { resources } = await this.#owner.do("GET", "heat", url);
    const servers = new Map((await this.#servers.all()).map((server) => [server.id, server]));
    const rows: readonly Body[] = [...resources].sort(
      (one, other) => Number(one.parent_resource) - Number(other.parent_resource),
    );
    return (resource) =>
      rows
        // the filter lets OS::Nova::ServerGroup through as well
        .filter((row) => row.resource_name === resource && row.resource_type === "OS::Nova::Server")
        .flatMap((row) => servers.get(row.physical_resource_id) ?? []);
  }
}
