/** Who may log in, as a test hands it to the code under test. */
export interface CloudAccount {
  readonly authUrl: string;
  readonly region: string;
  readonly userId: string;
  readonly userName: string;
  readonly userDomainName: string;
  readonly password: string;
  readonly projectId: string;
  readonly projectName: string;
}

/** A Nova server, seen from the cloud's side. */
export interface CloudServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly powerState: number;
  readonly taskState: string | null;
  readonly fault: string | undefined;
  /** First fixed address. */
  readonly ip: string;
  /** How often the machine behind it has booted (start, reboot, rebuild), so that a reboot between two looks is seen. */
  readonly boots: number;
}

/** A Magnum cluster, seen from the cloud's side. Masters and workers in the order of their index. */
export interface CloudCluster {
  readonly uuid: string;
  readonly name: string;
  readonly stackId: string;
  readonly status: string;
  readonly healthStatus: string | null;
  readonly healthReason: Readonly<Record<string, string>>;
  readonly masters: readonly CloudServer[];
  readonly workers: readonly CloudServer[];
}

export interface ClusterWish {
  readonly name: string;
  readonly masters: number;
  readonly workers: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What the hypervisor does with one operation on one server. `reimage`: a boot volume is written anew. */
export type ServerOperation = "power_off" | "power_on" | "reboot" | "spawn" | "reimage";
export type OperationFault = { readonly kind: "delay"; readonly seconds: number } | { readonly kind: "fail" };

/** What a service of the cloud does to every call until it is healed. `silent`: takes calls and never answers. */
export type ServiceFault = "refuses" | "silent" | "answers-503" | "talks-nonsense";
export type CloudService = "keystone" | "nova" | "heat" | "magnum";

/** A call that reached the cloud. */
export interface SeenCall {
  readonly service: CloudService | "cinder";
  readonly method: string;
  /** Path and query as sent, without host. */
  readonly path: string;
  readonly body: string;
  readonly status: number;
}

/**
 * One OpenStack as a test needs it, real or simulated: the operator's hand, the cloud's truth, and faults. The code
 * under test gets `account` and nothing else. `account.authUrl` and every endpoint of the catalog lead through the
 * place where calls are counted and cut.
 */
export interface OpenStackCloud extends AsyncDisposable {
  readonly account: CloudAccount;
  /** Of an admin of the cloud, in the same project: for what only admins see or may do. */
  readonly adminAccount: CloudAccount;
  /** A running server outside any stack; resolves when it is ACTIVE. */
  createServer(
    name: string,
    options?: { readonly metadata?: Readonly<Record<string, string>>; readonly fromVolume?: boolean },
  ): Promise<CloudServer>;
  server(id: string): Promise<CloudServer | undefined>;
  /** Servers of the project by id. */
  servers(): Promise<readonly CloudServer[]>;
  deleteServer(id: string): Promise<void>;
  /** Any action of Nova as the operator (admin) would send it: `{"os-stop": null}`, `{"lock": null}`, `{"os-resetState": {...}}`. Resolves when accepted. */
  act(id: string, action: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Faults of one server's hypervisor operations, or of all servers of the account's project (`*`: also those to come);
   * undefined heals, also an operation that is being delayed.
   */
  setFault(id: string, operation: ServerOperation, fault: OperationFault | undefined): Promise<void>;
  createCluster(wish: ClusterWish): Promise<CloudCluster>;
  cluster(uuid: string): Promise<CloudCluster>;
  deleteCluster(uuid: string): Promise<void>;
  /** Sets a label of a cluster behind Magnum's API, which refuses to change them. */
  setLabel(uuid: string, label: string, value: string): Promise<void>;
  /**
   * Somebody else's work: one more worker, asked of Heat behind Magnum's back. Resolves when the stack is
   * UPDATE_IN_PROGRESS, which lasts for 15 s at least. Magnum notices nothing.
   */
  beginForeignUpdate(uuid: string): Promise<void>;
  createApplicationCredential(options: {
    readonly name: string;
    readonly roles?: readonly string[];
    readonly expiresInMs?: number;
  }): Promise<{ readonly id: string; readonly secret: string }>;
  deleteApplicationCredential(id: string): Promise<void>;
  /** All tokens given so far answer 401 from now on. */
  revokeTokens(): Promise<void>;
  /** The compute host of the server stops working (its nova-compute dies) or comes back. */
  setComputeHost(serverId: string, state: "dead" | "alive"): Promise<void>;
  /** Every call to the service, until healed with undefined. */
  setServiceFault(service: CloudService, fault: ServiceFault | undefined): Promise<void>;
  /** The next call of this method whose path matches is carried out by the service, and its answer is cut off. */
  loseNextAnswer(service: CloudService, method: string, path: RegExp): void;
  /** Calls of the code under test so far, oldest first (not those of the operator's hand). */
  calls(): readonly SeenCall[];
}
