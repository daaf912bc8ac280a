import type { Compute } from "../compute/compute.ts";
import type { Timer } from "../schedule.ts";
import type { Group, Member, Stack } from "./stack.ts";
import type { Stacks } from "./stacks.ts";

/** Shares of the time that an update takes: it thinks, builds what is to replace something, cleans up, and ends. */
const share = { think: 0.35, build: 0.45, cleanUp: 0.7, forget: 0.9, recall: 0.95 } as const;
/** From the request to UPDATE_FAILED. */
const cancelMs = 2_000;

/** One update of one stack. Ends when the time is over and every server that it deletes or builds is done. */
export class StackUpdate {
  readonly #compute: Compute;
  readonly #stacks: Stacks;
  readonly #stack: Stack;
  readonly #totalMs: number;
  readonly #onOver: () => void;
  readonly #timers: Timer[] = [];
  #isCancelled = false;
  #pending = 0;
  #failure: string | undefined;

  constructor(compute: Compute, stacks: Stacks, stack: Stack, minimumMs: number, onOver: () => void) {
    this.#compute = compute;
    this.#stacks = stacks;
    this.#stack = stack;
    this.#totalMs = Math.max(minimumMs, compute.timings.stackUpdateMs);
    this.#onOver = onOver;
  }

  begin(): void {
    this.#set("UPDATE_IN_PROGRESS", "Stack UPDATE started");
    this.#stack.updatedAtWallMs = this.#compute.schedule.wallMs;
    this.#later(this.#totalMs * share.think, () => {
      for (const group of this.#stack.groups) this.#bring(group);
    });
    this.#later(this.#totalMs * share.forget, () => this.#forget(true));
    this.#later(this.#totalMs * share.recall, () => this.#forget(false));
    this.#begun();
    this.#later(this.#totalMs, () => this.#done());
  }

  /** What has not begun is left for the next update; what has, goes on. */
  cancel(): void {
    if (this.#isCancelled) return;
    this.drop();
    this.#compute.schedule.after(cancelMs, () => {
      this.#set("UPDATE_FAILED", "Stack UPDATE cancelled");
      this.#onOver();
    });
  }

  /** Nothing more of it happens, and nobody is told. */
  drop(): void {
    this.#isCancelled = true;
    for (const timer of this.#timers) timer.cancel();
    this.#forget(false);
  }

  /** Seen on real services: the row of a node that is not touched is missing for some seconds. */
  #forget(isUnlisted: boolean): void {
    for (const { members } of this.#stack.groups) {
      const untouched = members.find(({ status, isMarked }) => status.endsWith("_COMPLETE") && !isMarked);
      if (untouched !== undefined) untouched.isUnlisted = isUnlisted;
      if (!isUnlisted) for (const member of members) member.isUnlisted = false;
    }
  }

  #bring(group: Group): void {
    const leaving = leavingMembers(group);
    group.unwanted.clear();
    const refill = () => {
      while (group.members.length - stillThere(leaving, group) < group.wanted) this.#add(group);
    };
    for (const member of leaving) this.#remove(group, member);
    for (const member of group.members) {
      if (member.isMarked && !leaving.includes(member)) this.#replace(group, member);
    }
    this.#later(this.#totalMs * (share.build - share.think), refill);
  }

  #remove(group: Group, member: Member): void {
    this.#begun();
    setRow(member, "DELETE_IN_PROGRESS", this.#wallMs);
    this.#deleteServer(member.server, () => {
      group.members = group.members.filter((one) => one !== member);
      this.#done();
    });
  }

  #add(group: Group): void {
    this.#begun();
    const member = this.#stacks.addMember(group);
    this.#later(this.#totalMs * 0.05, () => {
      setRow(member, "CREATE_IN_PROGRESS", this.#wallMs);
      this.#later(this.#totalMs * 0.05, () => this.#build(group, member, () => this.#done()));
    });
  }

  /** The new server takes the old one's port; the old one, without a network, goes only when the new one is there. */
  #replace(group: Group, member: Member): void {
    this.#begun();
    const old = member.server;
    member.isMarked = false;
    member.server = undefined;
    setRow(member, "CREATE_IN_PROGRESS", this.#wallMs);
    if (old !== undefined) old.ip = "";
    this.#later(this.#totalMs * (share.build - share.think), () =>
      this.#build(group, member, () => {
        this.#later(this.#totalMs * (share.cleanUp - share.build), () => this.#deleteServer(old, () => this.#done()));
      }),
    );
  }

  #build(group: Group, member: Member, onBuilt: () => void): void {
    this.#stacks.build(this.#stack, group, member, () => {
      const isBuilt = member.server?.vmState === "active";
      setRow(member, isBuilt ? "CREATE_COMPLETE" : "CREATE_FAILED", this.#wallMs);
      // Heat replaces what failed without being told
      member.isMarked = !isBuilt;
      if (!isBuilt) this.#failure ??= failureOf(group, member);
      onBuilt();
    });
  }

  #deleteServer(server: Member["server"], onGone: () => void): void {
    if (server !== undefined && this.#compute.find(server.id) !== undefined) this.#compute.delete(server, onGone);
    else onGone();
  }

  #begun(): void {
    this.#pending += 1;
  }

  #done(): void {
    this.#pending -= 1;
    if (this.#pending > 0 || this.#isCancelled) return;
    if (this.#failure === undefined) this.#set("UPDATE_COMPLETE", "Stack UPDATE completed successfully");
    else this.#set("UPDATE_FAILED", this.#failure);
    this.#onOver();
  }

  #later(ms: number, work: () => void): void {
    this.#timers.push(this.#compute.schedule.after(ms, work));
  }

  #set(status: string, reason: string): void {
    Object.assign(this.#stack, { status, reason });
  }

  get #wallMs(): number {
    return this.#compute.schedule.wallMs;
  }
}

/** Those that are named, by server or index, and then the newest until the count is right. */
function leavingMembers(group: Group): Member[] {
  const named = group.members.filter(
    ({ index, server }) => group.unwanted.has(String(index)) || group.unwanted.has(server?.id ?? ""),
  );
  const staying = group.members.filter((member) => !named.includes(member));
  return [...named, ...staying.slice(group.wanted)];
}

function stillThere(leaving: readonly Member[], group: Group): number {
  return leaving.filter((member) => group.members.includes(member)).length;
}

function setRow(member: Member, status: string, wallMs: number): void {
  member.status = status;
  member.reason = "state changed";
  member.updatedAtWallMs = wallMs;
}

function failureOf(group: Group, { index, server }: Member): string {
  const why = `Went to status ERROR due to "Message: ${server?.fault?.message ?? "unknown"}, Code: 500"`;
  return `ResourceInError: resources.${group.name}.resources[${index}].resources.server: ${why}`;
}
