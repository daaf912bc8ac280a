import type { Compute } from "../compute/compute.ts";
import type { Ids } from "../ids.ts";
import type { Group, GroupName, Member, Stack } from "./stack.ts";
import { StackUpdate } from "./stack-update.ts";

/** What a stack begins with. */
export interface StackWish {
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly imageId: string;
  readonly counts: Readonly<Partial<Record<GroupName, number>>>;
  /** Servers boot from volumes. */
  readonly fromVolume: boolean;
}

/** Heat's memory: stacks of nodes, and the updates under way. */
export class Stacks {
  readonly all = new Map<string, Stack>();
  readonly #compute: Compute;
  readonly #ids: Ids;
  readonly #updates = new Map<string, StackUpdate>();
  readonly #wishes = new Map<string, StackWish>();

  constructor(compute: Compute, ids: Ids) {
    this.#compute = compute;
    this.#ids = ids;
  }

  /** A stack that is complete at once. */
  createComplete(wish: StackWish): Stack {
    const name = `${wish.name}-${this.#ids.tail()}`;
    const names = Object.keys(wish.counts) as GroupName[];
    const stack: Stack = {
      ...{ id: this.#ids.uuid(), name, projectId: wish.projectId, userId: wish.userId },
      ...{ createdAtWallMs: this.#compute.schedule.wallMs, updatedAtWallMs: undefined },
      ...{ status: "CREATE_COMPLETE", reason: "Stack CREATE completed successfully" },
      groups: names.map((group) => this.#newGroup(name, group, wish.counts[group] ?? 0)),
      serverGroups: { worker_nodes_server_group: this.#ids.uuid(), master_nodes_server_group: this.#ids.uuid() },
    };
    this.all.set(stack.id, stack);
    this.#wishes.set(stack.id, wish);
    for (const group of stack.groups) {
      for (let left = group.wanted; left > 0; left -= 1) {
        const member = this.addMember(group);
        member.server = this.#compute.createRunning(this.#serverWish(stack, group, member));
        member.status = "CREATE_COMPLETE";
        member.reason = "state changed";
      }
    }
    return stack;
  }

  find(nameOrId: string): Stack | undefined {
    return this.all.get(nameOrId) ?? [...this.all.values()].find(({ name }) => name === nameOrId);
  }

  /** Brings the stack to what its groups want. During an update: that one is cancelled, and this one does nothing else. */
  update(stack: Stack, minimumMs = 0): void {
    const running = this.#updates.get(stack.id);
    if (running !== undefined) {
      running.cancel();
      return;
    }
    const update = new StackUpdate(this.#compute, this, stack, minimumMs, () => this.#updates.delete(stack.id));
    this.#updates.set(stack.id, update);
    update.begin();
  }

  /** All servers go, then the stack. */
  delete(stack: Stack, onGone: () => void): void {
    const { schedule, timings } = this.#compute;
    this.#updates.get(stack.id)?.drop();
    this.#updates.delete(stack.id);
    Object.assign(stack, { status: "DELETE_IN_PROGRESS", reason: "Stack DELETE started" });
    for (const { server } of stack.groups.flatMap(({ members }) => members)) {
      if (server !== undefined && this.#compute.find(server.id) !== undefined) this.#compute.delete(server);
    }
    schedule.after(timings.stackDeleteMs, () => {
      this.all.delete(stack.id);
      onGone();
    });
  }

  /** Gone at once with its servers. */
  forget(stack: Stack): void {
    this.#updates.get(stack.id)?.drop();
    this.#updates.delete(stack.id);
    this.all.delete(stack.id);
    for (const { server } of stack.groups.flatMap(({ members }) => members)) {
      if (server !== undefined) this.#compute.forget(server);
    }
  }

  addMember(group: Group): Member {
    const index = group.nextIndex;
    group.nextIndex += 1;
    const wallMs = this.#compute.schedule.wallMs;
    const member: Member = {
      ...{ index, stackId: this.#ids.uuid(), stackName: `${group.stackName}-${index}-${this.#ids.tail()}` },
      ...{ ip: this.#compute.newIp(), createdAtWallMs: wallMs, updatedAtWallMs: wallMs },
      ...{ server: undefined, status: "INIT_COMPLETE", reason: "", isMarked: false, isUnlisted: false },
    };
    group.members.push(member);
    return member;
  }

  /** The member's server begins to be built. */
  build(stack: Stack, group: Group, member: Member, onEnd: () => void): void {
    member.server = this.#compute.create(this.#serverWish(stack, group, member), onEnd);
  }

  #serverWish(stack: Stack, group: Group, member: Member) {
    const wish = this.#wishes.get(stack.id) as StackWish;
    const word = group.name === "kube_masters" ? "master" : "node";
    const { projectId, userId, imageId, fromVolume } = wish;
    return { name: `${stack.name}-${word}-${member.index}`, projectId, userId, imageId, fromVolume, ip: member.ip };
  }

  #newGroup(stackName: string, name: GroupName, wanted: number): Group {
    const own = `${stackName}-${name}-${this.#ids.tail()}`;
    return { name, stackId: this.#ids.uuid(), stackName: own, wanted, unwanted: new Set(), nextIndex: 0, members: [] };
  }
}
