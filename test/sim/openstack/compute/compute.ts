import type { OperationFault, ServerOperation } from "../../../support/openstack-cloud.ts";
import type { Ids } from "../ids.ts";
import type { Schedule } from "../schedule.ts";
import type { CloudTimings } from "../timings.ts";
import { type ComputeHost, Hosts } from "./hosts.ts";
import type { InstanceAction } from "./instance-action.ts";
import { power, type Server } from "./server.ts";
import { Tasks } from "./tasks.ts";
import type { Volume } from "./volume.ts";

/** Nova's word when the scheduler finds no place. */
export const noHost = "No valid host was found. There are not enough hosts available.";

export interface ServerWish {
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly imageId: string;
  readonly ip?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly fromVolume?: boolean | undefined;
}

/** All servers, volumes and hosts: what Nova and Cinder remember. */
export class Compute {
  readonly hosts: Hosts;
  readonly tasks: Tasks;
  readonly servers = new Map<string, Server>();
  /** Those that are gone, for what was asked of them. */
  readonly deleted = new Map<string, Server>();
  readonly volumes = new Map<string, Volume>();
  readonly schedule: Schedule;
  readonly timings: CloudTimings;
  readonly #ids: Ids;
  readonly #commonFaults = new Map<ServerOperation, OperationFault>();
  #lastIp = 0;

  constructor(ids: Ids, schedule: Schedule, timings: CloudTimings, hosts: number) {
    this.#ids = ids;
    this.schedule = schedule;
    this.timings = timings;
    this.hosts = new Hosts(hosts, ids, schedule, timings.serviceDownMs);
    const faultOf = (server: Server, operation: ServerOperation) =>
      server.faults.get(operation) ?? this.#commonFaults.get(operation);
    this.tasks = new Tasks(schedule, (server) => this.hostOf(server).isAlive, faultOf);
  }

  /** By id, any case. */
  find(id: string): Server | undefined {
    return this.servers.get(id.toLowerCase());
  }

  hostOf(server: Server): ComputeHost {
    return this.hosts.get(server.host);
  }

  /** A server that runs at once, without a moment in BUILD. */
  createRunning(wish: ServerWish): Server {
    const server = this.#add(wish);
    Object.assign(server, { vmState: "active", taskState: null, powerState: power.running, boots: 1 });
    this.beginAction(server, "create", "compute__do_build_and_run_instance").result = "Success";
    return server;
  }

  /** A server that is BUILD for a while, then ACTIVE, or ERROR where spawning fails. */
  create(wish: ServerWish, onEnd: (server: Server) => void): Server {
    const isHomeless = this.hosts.choose() === undefined;
    const server = this.#add(wish);
    if (isHomeless) {
      this.fail(server, noHost);
      this.schedule.after(0, () => onEnd(server));
      return server;
    }
    this.tasks.run(server, {
      action: this.beginAction(server, "create", "compute__do_build_and_run_instance"),
      steps: [
        { task: "scheduling", ms: 200 },
        { task: "spawning", ms: this.timings.createServerMs - 200, operation: "spawn" },
      ],
      onDone: () => {
        this.booted(server);
        onEnd(server);
      },
      onFail: () => {
        this.fail(server, "Build of instance aborted: spawn failed");
        onEnd(server);
      },
    });
    return server;
  }

  /** Goes through `deleting` and DELETED to 404. A host that is not known to be down must do it itself. */
  delete(server: Server, onGone: () => void = () => undefined): void {
    const { deleteServerMs } = this.timings;
    const isLocal = this.hosts.stateOf(this.hostOf(server)) === "down";
    const vanish = () => {
      server.vmState = "deleted";
      server.powerState = power.none;
      this.schedule.after(deleteServerMs * 0.2, () => {
        this.forget(server);
        onGone();
      });
    };
    if (isLocal) {
      this.tasks.cancel(server);
      server.taskState = null;
      vanish();
      return;
    }
    const action = this.#beginDeletion(server);
    const steps = [{ task: "deleting", ms: deleteServerMs * 0.8 }];
    this.tasks.run(server, { action, steps, onDone: vanish, onFail: vanish });
  }

  /** The same in no time. */
  deleteAtOnce(server: Server): void {
    const isLocal = this.hosts.stateOf(this.hostOf(server)) === "down";
    if (!isLocal) {
      const action = this.#beginDeletion(server);
      action.result = "Success";
      action.finishedAtWallMs = this.schedule.wallMs;
    }
    this.forget(server);
  }

  /** Gone at once. What was asked of it can still be read. */
  forget(server: Server): void {
    this.tasks.cancel(server);
    this.servers.delete(server.id);
    this.deleted.set(server.id, server);
    if (server.volumeId !== undefined) this.volumes.delete(server.volumeId);
  }

  /** Not for a server whose host is down: its record is deleted, and nothing is written down of that. */
  #beginDeletion(server: Server): InstanceAction {
    return this.beginAction(server, "delete", "compute_terminate_instance");
  }

  /** Written down with the request's id. */
  beginAction(
    server: Server,
    action: string,
    event: string | undefined,
    requestId = this.#ids.requestId(),
  ): InstanceAction {
    const wallMs = this.schedule.wallMs;
    server.updatedAtWallMs = wallMs;
    const begun: InstanceAction = {
      ...{ requestId, action, event, host: server.host, userId: server.userId, startedAtWallMs: wallMs },
      ...{ updatedAtWallMs: wallMs, message: null, result: null, finishedAtWallMs: undefined },
    };
    server.actions.push(begun);
    return begun;
  }

  booted(server: Server): void {
    server.vmState = "active";
    server.powerState = power.running;
    server.boots += 1;
  }

  /** Its power state stays what it was, also when a rebuild has already taken the old disk away. */
  fail(server: Server, message: string): void {
    server.vmState = "error";
    server.fault = { code: 500, created: this.schedule.wallMs, message };
  }

  setFault(id: string, operation: ServerOperation, fault: OperationFault | undefined): void {
    const faults = id === "*" ? this.#commonFaults : this.servers.get(id)?.faults;
    if (faults === undefined) throw new Error(`no server ${id}`);
    if (fault === undefined) faults.delete(operation);
    else faults.set(operation, fault);
    for (const server of this.servers.values()) if (id === "*" || id === server.id) this.tasks.reconsider(server);
  }

  setHost(host: ComputeHost, state: "dead" | "alive"): void {
    const own = [...this.servers.values()].filter((server) => server.host === host.name);
    if (state === "dead") {
      this.hosts.die(host);
      for (const server of own) this.tasks.park(server);
      return;
    }
    this.hosts.revive(host);
    for (const server of own) this.tasks.resume(server);
  }

  newIp(): string {
    this.#lastIp += 1;
    return `10.${Math.floor(this.#lastIp / 62_500)}.${Math.floor(this.#lastIp / 250) % 250}.${(this.#lastIp % 250) + 3}`;
  }

  #add(wish: ServerWish): Server {
    const wallMs = this.schedule.wallMs;
    const id = this.#ids.uuid();
    const volumeId = wish.fromVolume ? this.#ids.uuid() : undefined;
    const { projectId, imageId } = wish;
    if (volumeId !== undefined) {
      const volume: Volume = {
        id: volumeId,
        projectId,
        serverId: id,
        createdAtWallMs: wallMs,
        status: "in-use",
        imageId,
      };
      this.volumes.set(volumeId, volume);
    }
    const server: Server = {
      ...{ id, name: wish.name, projectId, userId: wish.userId, ip: wish.ip ?? this.newIp() },
      ...{ createdAtWallMs: wallMs, updatedAtWallMs: wallMs, launchedAtWallMs: wallMs },
      ...{ vmState: "building", taskState: null, powerState: power.none, fault: undefined, boots: 0 },
      ...{ isLocked: false, lockedReason: null, volumeId },
      host: (this.hosts.choose() ?? (this.hosts.all[0] as ComputeHost)).name,
      metadata: { ...wish.metadata },
      imageId: wish.fromVolume ? undefined : imageId,
      actions: [],
      faults: new Map(),
    };
    this.servers.set(id, server);
    return server;
  }
}
