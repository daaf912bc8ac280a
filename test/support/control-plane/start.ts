import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/app/clock.ts";
import { ApiClient, type ApiObject } from "../api-client.ts";
import { makeAuthority } from "../certificates.ts";
import { eventually, Hopeless } from "../eventually.ts";
import type { ApiAccess } from "../kubeconfig.ts";
import { type Owned, startOwned } from "../processes.ts";
import { userOf } from "../service-account.ts";
import { type AuditEvent, auditPolicy, readAuditLog } from "./audit.ts";
import { type Binaries, findControlPlane } from "./build.ts";
import { apiServerCommand, type Command, controllerManagerCommand, etcdCommand, schedulerCommand } from "./commands.ts";
import { type Layout, planLayout, writeFiles } from "./layout.ts";
import { sweepLeftovers } from "./leftovers.ts";

export interface ControlPlaneOptions {
  /** 1 where nothing is said. */
  readonly apiServers?: 1 | 3;
  /** Age of a Lease at which the node controller calls the node Unknown. `8s`; Kubernetes: 50s. */
  readonly nodeGrace?: string;
  /** How often the node controller looks. `1s`; Kubernetes: 5s. */
  readonly nodeMonitor?: string;
  readonly scheduler?: boolean;
  readonly apiServerFlags?: readonly string[];
  /** User names whose changes of Nodes are recorded with the request's body. The account of manifests/aceso.yaml. */
  readonly auditedUsers?: readonly string[];
  /** Whether manifests/crds is applied. True where nothing is said. */
  readonly crds?: boolean;
  readonly say?: (line: string) => void;
}

/** A real etcd, API servers, controller manager and scheduler on 127.0.0.1, in a folder of their own. */
export interface ControlPlane {
  readonly version: string;
  /** `https://127.0.0.1:…` of each API server. */
  readonly servers: readonly string[];
  /** Certificates, data, logs, kubeconfigs; gone after `stop`. */
  readonly dir: string;
  /** The authority that signed every certificate, as PEM. */
  readonly ca: string;
  /** Of cluster-admin at each API server; the first is what `kubectl` uses. */
  readonly kubeconfigs: readonly string[];
  /** cluster-admin, as user `admin`, at all API servers. */
  readonly access: ApiAccess;
  /** As user `hollow` with every right: what kubelets do here does not fill the audit log. */
  readonly hollowAccess: ApiAccess;
  readonly api: ApiClient;
  /** Access as another user name with groups, as `system:node:n1` in `system:nodes`. */
  accessAs(user: string, groups: readonly string[]): ApiAccess;
  /** Output of kubectl. @throws Error with what it said when it exits with another code than 0 */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /**
   * SIGKILL where nothing is said; resolves when the process is gone (SIGTERM: may take up to a minute). Controller
   * manager and scheduler talk to the last server only.
   */
  stopServer(index: number, signal?: NodeJS.Signals): Promise<void>;
  /** Starts an API server that was stopped, with its old port; resolves when it is ready. */
  startServer(index: number): Promise<void>;
  /** What all API servers have recorded up to now. */
  auditLog(): Promise<readonly AuditEvent[]>;
  /** Process ids of what runs, by name (`etcd`, `apiserver-0`, `controller-manager`, `scheduler`). */
  pids(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/**
 * Starts a new, empty cluster without nodes, about 5 s. Nothing is kept over `stop`.
 *
 * @throws ControlPlaneMissing when the programs cannot be had; Error with the end of a log when one does not get ready
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const found = await findControlPlane(options.say ?? ((line) => process.stderr.write(`${line}\n`)));
  await sweepLeftovers();
  const dir = await mkdtemp(join(tmpdir(), "aceso-e2e-"));
  const layout = await planLayout(dir, options.apiServers ?? 1);
  const authority = makeAuthority("e2e-ca");
  await writeFiles(layout, authority);
  await writeFile(
    layout.auditPolicy,
    auditPolicy(options.auditedUsers ?? [userOf({ namespace: "aceso", name: "aceso" })]),
  );
  const plane = new RunningPlane(found, layout, options, authority);
  try {
    await plane.start();
  } catch (error) {
    const logs = await endOfLogs(dir);
    await plane.stop();
    throw new Error(`the control plane did not start: ${error}\n${logs}`, { cause: error });
  }
  return plane;
}

class RunningPlane implements ControlPlane {
  readonly version: string;
  readonly servers: readonly string[];
  readonly dir: string;
  readonly ca: string;
  readonly kubeconfigs: readonly string[];
  readonly access: ApiAccess;
  readonly hollowAccess: ApiAccess;
  readonly api: ApiClient;
  readonly #found: Binaries;
  readonly #layout: Layout;
  readonly #options: ControlPlaneOptions;
  readonly #authority: ReturnType<typeof makeAuthority>;
  readonly #processes = new Map<string, Owned>();

  constructor(
    found: Binaries,
    layout: Layout,
    options: ControlPlaneOptions,
    authority: ReturnType<typeof makeAuthority>,
  ) {
    this.#found = found;
    this.#layout = layout;
    this.#options = options;
    this.#authority = authority;
    this.version = found.version;
    this.servers = layout.servers;
    this.dir = layout.dir;
    this.ca = authority.cert;
    this.kubeconfigs = layout.kubeconfigs;
    this.access = this.accessAs("admin", ["system:masters"]);
    this.hollowAccess = this.accessAs("hollow", ["system:masters"]);
    this.api = new ApiClient(this.access);
  }

  async start(): Promise<void> {
    const indices = this.servers.map((_, index) => index);
    await this.#run("etcd", etcdCommand(this.#layout));
    await Promise.all(indices.map((index) => this.#runServer(index)));
    await Promise.all(indices.map((index) => this.#ready(index)));
    await this.#run("controller-manager", controllerManagerCommand(this.#layout, this.#options));
    if (this.#options.scheduler !== false) await this.#run("scheduler", schedulerCommand(this.#layout));
    if (this.#options.crds !== false) await this.#applyCrds();
    // the controller manager's first visible work, and pods cannot be created without it
    await this.#eventually("service account default/default", () =>
      this.api.get("/api/v1/namespaces/default/serviceaccounts/default"),
    );
  }

  accessAs(user: string, groups: readonly string[]): ApiAccess {
    const issued = this.#authority.issue({ commonName: user, organizations: groups });
    return { servers: this.servers, ca: this.ca, ...issued };
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    const all = ["--kubeconfig", this.kubeconfigs[0] ?? "", ...args];
    return new Promise((resolve, reject) => {
      const child = execFile(this.#found.path.kubectl, all, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`kubectl ${args.join(" ")}: ${stderr.trim() || error.message}`));
      });
      child.stdin?.end(input ?? "");
    });
  }

  async stopServer(index: number, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const name = `apiserver-${index}`;
    const owned = this.#processes.get(name);
    owned?.signal(signal);
    await owned?.exited;
    this.#processes.delete(name);
  }

  async startServer(index: number): Promise<void> {
    await this.#runServer(index);
    await this.#ready(index);
  }

  auditLog(): Promise<readonly AuditEvent[]> {
    return readAuditLog(this.#layout.auditLogs);
  }

  pids(): Readonly<Record<string, number>> {
    const alive = [...this.#processes].filter(([, owned]) => owned.isAlive());
    return Object.fromEntries(alive.map(([name, owned]) => [name, owned.pid]));
  }

  async stop(): Promise<void> {
    this.api.close();
    await Promise.all([...this.#processes.values()].map((owned) => owned.kill()));
    await rm(this.dir, { recursive: true, force: true });
  }

  async #runServer(index: number): Promise<void> {
    await this.#run(`apiserver-${index}`, apiServerCommand(this.#layout, index, this.#options.apiServerFlags ?? []));
  }

  async #run(name: string, command: Command): Promise<void> {
    const { owned } = await startOwned({
      name,
      command: this.#found.path[command.binary],
      args: command.args,
      cwd: this.dir,
      logFile: join(this.dir, "log", `${name}.log`),
    });
    this.#processes.set(name, owned);
    await writeFile(join(this.dir, "run", name), `${owned.pid}\n`);
  }

  async #ready(index: number): Promise<void> {
    const client = new ApiClient({ ...this.access, servers: [this.servers[index] ?? ""] });
    try {
      await this.#eventually(`/readyz of API server ${index}`, () => client.get("/readyz"));
    } finally {
      client.close();
    }
  }

  async #applyCrds(): Promise<void> {
    const folder = join(import.meta.dirname, "../../../manifests/crds");
    const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".yaml"));
    if (files.length === 0) return;
    await this.kubectl(["create", "-f", folder]);
    await this.#eventually("custom resources are served", async () => {
      const { items } = await this.api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
      return items.every(isEstablished);
    });
  }

  #eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    return eventually(
      what,
      async () => {
        const dead = [...this.#processes.values()].find((owned) => !owned.isAlive());
        if (dead !== undefined) throw new Hopeless(`${dead.name} has ended; waiting for ${what} is of no use`);
        return look();
      },
      { withinMs: 90_000, everyMs: 50, clock: systemClock },
    );
  }
}

function isEstablished(crd: ApiObject): boolean {
  const conditions: ApiObject[] = crd.status?.conditions ?? [];
  return conditions.some((condition) => condition.type === "Established" && condition.status === "True");
}

async function endOfLogs(dir: string): Promise<string> {
  const names = await readdir(join(dir, "log"));
  const parts = names
    .filter((name) => !name.startsWith("audit"))
    .map(async (name) => `--- ${name}\n${(await readFile(join(dir, "log", name), "utf8")).slice(-1_500)}`);
  return (await Promise.all(parts)).join("\n");
}
