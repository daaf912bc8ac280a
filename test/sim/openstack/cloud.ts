import { LoopbackCalls, type LoopbackServer } from "../../support/loopback-calls.ts";
import type {
  CloudAccount,
  CloudCluster,
  CloudServer,
  CloudService,
  ClusterWish,
  OpenStackCloud,
  OperationFault,
  SeenCall,
  ServerOperation,
  ServiceFault,
} from "../../support/openstack-cloud.ts";
import { CloudState } from "./cloud-state.ts";
import type { ComputeHost } from "./compute/hosts.ts";
import type { Server } from "./compute/server.ts";
import type { Cluster } from "./containers/cluster.ts";
import { Fronts } from "./fronts.ts";
import type { AnyService, CallListener, PlannedAnswer } from "./http/traffic.ts";
import { withImplied } from "./identity/accounts.ts";
import { toAccount, toCloudCluster, toCloudServer } from "./operator.ts";
import { actAsOperator } from "./operator-action.ts";
import type { SimulatedCloudOptions } from "./options.ts";

/** What somebody needs in order to log in with a trust. */
export interface CloudTrust {
  readonly trustId: string;
  readonly trusteeId: string;
  readonly trusteePassword: string;
}

const usualLabels = {
  auto_healing_enabled: "true",
  auto_healing_controller: "magnum-auto-healer",
  kube_tag: "v1.23.3",
};

/**
 * An OpenStack in this process: real HTTP on 127.0.0.1, time from a clock, faults on command. See README.md beside it.
 * What the operator's hand does takes no time: servers and clusters that it asks for are there at once.
 */
export class SimulatedCloud implements OpenStackCloud {
  readonly state: CloudState;
  /** What a virtual clock has to wait for: `clock.addSource(cloud.calling)`; `startSimulatedCloud` does it. */
  readonly calling: LoopbackCalls;
  readonly #fronts: Fronts;
  readonly #region: string;
  readonly #namedHosts = new Map<string, ComputeHost>();

  constructor(options: SimulatedCloudOptions) {
    this.state = new CloudState(options);
    this.#fronts = new Fronts(this.state, options);
    this.#region = options.region ?? "RegionOne";
    const server: LoopbackServer = {
      isOwnPort: (port) => this.#fronts.isOwnPort(port),
      isAtRest: (clientPort) => this.#fronts.resting.has(clientPort),
    };
    this.calling = new LoopbackCalls(server);
  }

  start(): Promise<void> {
    return this.#fronts.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.calling.stop();
    this.state.schedule.stop();
    await this.#fronts.stop();
  }

  get account(): CloudAccount {
    return toAccount(this.state.healer, this.state.project, this.#fronts.authUrl, this.#region);
  }

  get adminAccount(): CloudAccount {
    return toAccount(this.state.admin, this.state.project, this.#fronts.authUrl, this.#region);
  }

  /** Root of a service, as the catalog would name it without a version. */
  origin(service: AnyService): string {
    return this.#fronts.get(service).origin;
  }

  async createServer(
    name: string,
    options: { readonly metadata?: Readonly<Record<string, string>>; readonly fromVolume?: boolean } = {},
  ): Promise<CloudServer> {
    const { project, healer, imageId } = this.state;
    const wish = { name, projectId: project.id, userId: healer.id, imageId, ...options };
    return toCloudServer(this.state.compute.createRunning(wish));
  }

  async server(id: string): Promise<CloudServer | undefined> {
    const server = this.state.compute.find(id);
    return server === undefined ? undefined : toCloudServer(server);
  }

  async servers(): Promise<readonly CloudServer[]> {
    return [...this.state.compute.servers.values()].map(toCloudServer).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async deleteServer(id: string): Promise<void> {
    this.state.compute.deleteAtOnce(this.#server(id));
  }

  async act(id: string, action: Readonly<Record<string, unknown>>): Promise<void> {
    actAsOperator(this.state, this.#server(id), action);
  }

  async setFault(id: string, operation: ServerOperation, fault: OperationFault | undefined): Promise<void> {
    this.state.compute.setFault(id, operation, fault);
  }

  /** A host that is dead counts as down at once, as after an admin's force-down. */
  async setComputeHost(serverId: string, state: "dead" | "alive"): Promise<void> {
    const host = this.#hostOf(serverId);
    this.state.compute.setHost(host, state);
    host.isForcedDown = state === "dead";
    if (state === "alive") this.#namedHosts.delete(serverId);
  }

  /** As `setComputeHost`, only that nobody says that it is down: Nova believes it to be up for another minute. */
  killComputeHost(serverId: string): void {
    this.state.compute.setHost(this.#hostOf(serverId), "dead");
  }

  async createCluster({ name, masters, workers, labels }: ClusterWish): Promise<CloudCluster> {
    const { project, healer, imageId, clusters } = this.state;
    const owner = { projectId: project.id, userId: healer.id, imageId };
    const all = { ...usualLabels, ...labels };
    return toCloudCluster(clusters.createComplete({ name, masters, workers, labels: all, ...owner }));
  }

  async cluster(uuid: string): Promise<CloudCluster> {
    return toCloudCluster(this.#cluster(uuid));
  }

  async deleteCluster(uuid: string): Promise<void> {
    this.state.clusters.forget(this.#cluster(uuid));
  }

  async setLabel(uuid: string, label: string, value: string): Promise<void> {
    this.#cluster(uuid).labels[label] = value;
  }

  async beginForeignUpdate(uuid: string): Promise<void> {
    const { stack } = this.#cluster(uuid);
    const workers = stack.groups.find(({ name }) => name === "kube_minions");
    if (workers !== undefined) workers.wanted += 1;
    this.state.stacks.update(stack, this.state.timings.foreignUpdateMs);
  }

  async createApplicationCredential(options: {
    readonly name: string;
    readonly roles?: readonly string[];
    readonly expiresInMs?: number;
  }): Promise<{ readonly id: string; readonly secret: string }> {
    const { identity, healer, project, ids, schedule } = this.state;
    const { name, roles = withImplied(healer.roles[project.id] ?? []), expiresInMs } = options;
    const expiresAtWallMs = expiresInMs === undefined ? undefined : schedule.wallMs + expiresInMs;
    const about = { name, roles, expiresAtWallMs, userId: healer.id, projectId: project.id, isUnrestricted: false };
    return identity.addCredential({ ...about, secret: ids.secret() });
  }

  async deleteApplicationCredential(id: string): Promise<void> {
    this.state.identity.credentials.delete(id);
  }

  /** The healer's rights for somebody who has none, as Magnum gives each cluster an identity of its own. */
  createTrust(roles: readonly string[] = ["member", "heat_stack_owner"]): CloudTrust {
    const { identity, healer, project, ids } = this.state;
    const name = `trustee-${ids.tail()}`;
    const trustee = identity.addUser({ name, password: ids.secret(), defaultProjectId: undefined, roles: {} });
    const about = { trustorId: healer.id, trusteeId: trustee.id, projectId: project.id, isImpersonating: true, roles };
    return { trustId: identity.addTrust(about).id, trusteeId: trustee.id, trusteePassword: trustee.password };
  }

  deleteTrust(trustId: string): void {
    this.state.identity.trusts.delete(trustId);
  }

  async revokeTokens(): Promise<void> {
    this.state.identity.revokeAll();
  }

  setServiceFault(service: CloudService, fault: ServiceFault | undefined): Promise<void> {
    return this.#fronts.get(service).setFault(fault);
  }

  loseNextAnswer(service: CloudService, method: string, path: RegExp): void {
    this.#fronts.traffic.plan(service, method, path, { kind: "lose-answer" });
  }

  /** The next call of this kind gets this answer, and nothing is carried out. */
  answerNext(service: CloudService, method: string, path: RegExp, answer: PlannedAnswer): void {
    this.#fronts.traffic.plan(service, method, path, { kind: "answer", answer });
  }

  /** From now on the service begins to work on a call only after this time. */
  setDelay(service: AnyService, ms: number): void {
    this.#fronts.traffic.setDelay(service, ms);
  }

  /** Hears of each call before it is carried out and after; when it returns true, the caller never gets an answer. */
  onCall(listener: CallListener): () => void {
    return this.#fronts.traffic.onCall(listener);
  }

  calls(): readonly SeenCall[] {
    return this.#fronts.traffic.calls;
  }

  /** An evacuated server has left the host that died: it is found by the server all the same. */
  #hostOf(serverId: string): ComputeHost {
    const host = this.#namedHosts.get(serverId) ?? this.state.compute.hostOf(this.#server(serverId));
    this.#namedHosts.set(serverId, host);
    return host;
  }

  #cluster(uuid: string): Cluster {
    const cluster = this.state.clusters.find(uuid);
    if (cluster === undefined) throw new Error(`no cluster ${uuid}`);
    return cluster;
  }

  #server(id: string): Server {
    const server = this.state.compute.find(id);
    if (server === undefined) throw new Error(`no server ${id}`);
    return server;
  }
}
