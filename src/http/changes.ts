import type { NodeName } from "../core/model.ts";
import { pauseAnnotations, resumeAnnotations } from "../core/pause.ts";
import { isActive } from "../core/record.ts";
import { type ClusterView, recordOf } from "../core/view.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { PeopleWrites } from "../ports/people-writes.ts";
import type { PersonsRight } from "../ports/reviews.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { WardDone } from "./ward.ts";
import type { Caller, WhoMay } from "./who-may.ts";
import { pauseReason, type ReadWish } from "./wish.ts";

/** Where Aceso lives; its DaemonSet carries the pause of the whole cluster. */
export interface Home {
  readonly namespace: string;
  readonly daemonSet: string | undefined;
}

export interface ChangesOptions {
  readonly whoMay: WhoMay;
  /** Writes with the person's own token: what the API server forbids him, no page does for him. */
  readonly writesAs: (token: string) => PeopleWrites;
  readonly home: Home;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
}

export const pauseNodes: PersonsRight = { kind: "resource", group: "", resource: "nodes", verb: "patch" };
export const askForRepairs: readonly PersonsRight[] = ["create", "patch"].map((verb) => ({
  kind: "resource",
  group: "aceso.dev",
  resource: "noderepairs",
  verb,
}));

export function pauseCluster({ namespace, daemonSet = "" }: Home): PersonsRight {
  return { kind: "resource", group: "apps", resource: "daemonsets", verb: "patch", namespace, name: daemonSet };
}

/** The changes that people make on the page. Each is the same as its command: `aceso pause`, `resume`, `repair`. */
export class Changes {
  readonly #options: ChangesOptions;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  async pauseCluster(caller: Caller, wish: ReadWish, signal: AbortSignal): Promise<WardDone> {
    const change = pauseAnnotations(pauseReason(wish), wish.until, authorOf(caller));
    await this.#writeCluster(caller, signal, (writes) => writes.annotateDaemonSet(change, signal));
    return this.#done(caller, { change: "pause" }, `cluster paused${endText(wish)}`);
  }

  async resumeCluster(caller: Caller, signal: AbortSignal): Promise<WardDone> {
    await this.#writeCluster(caller, signal, (writes) => writes.annotateDaemonSet(resumeAnnotations, signal));
    return this.#done(caller, { change: "resume" }, "cluster resumed");
  }

  async pauseNode(caller: Caller, node: NodeName, wish: ReadWish, signal: AbortSignal): Promise<WardDone> {
    const { whoMay, writesAs } = this.#options;
    const change = pauseAnnotations(pauseReason(wish), wish.until, authorOf(caller));
    await whoMay.require(caller, [{ ...pauseNodes, name: node } as PersonsRight]);
    await writesAs(caller.token).annotateNode(node, change, signal);
    return this.#done(caller, { change: "pause", node }, `node/${node} paused${endText(wish)}`);
  }

  async resumeNode(caller: Caller, node: NodeName, view: ClusterView, signal: AbortSignal): Promise<WardDone> {
    const { whoMay, writesAs } = this.#options;
    const isRepairPaused = recordOf(view, node)?.wishes.paused === true;
    const patchRepair: PersonsRight = { kind: "resource", group: "aceso.dev", resource: "noderepairs", verb: "patch" };
    const needed = isRepairPaused ? [pauseNodes, patchRepair] : [pauseNodes];
    await whoMay.require(
      caller,
      needed.map((it) => ({ ...it, name: node }) as PersonsRight),
    );
    const writes = writesAs(caller.token);
    await writes.annotateNode(node, resumeAnnotations, signal);
    if (isRepairPaused) await writes.unpauseRepair(node, signal);
    return this.#done(caller, { change: "resume", node }, `node/${node} resumed`);
  }

  async repair(
    caller: Caller,
    node: NodeName,
    wish: ReadWish,
    view: ClusterView,
    signal: AbortSignal,
  ): Promise<WardDone> {
    const { whoMay, writesAs, clock, newId } = this.#options;
    if (!view.nodes.has(node) && !view.records.has(node)) throw notFound(`node "${node}"`);
    await whoMay.require(caller, askForRepairs);
    const { releaseHold, reason } = wish;
    const heldId = requireSense(node, releaseHold, view);
    const kind = releaseHold ? "release-hold" : "repair";
    const id = newId();
    const repairId = heldId === undefined ? {} : { repairId: heldId };
    const requestedBy = authorOf(caller);
    const askedAtWallMs = clock.now().wallMs;
    await writesAs(caller.token).ask(node, { id, kind, ...repairId, askedAtWallMs, reason, requestedBy }, signal);
    const what = releaseHold ? "hold released" : "repair asked for, the guards still hold";
    return this.#done(caller, { change: kind, node, request: id }, `node/${node}: ${what} (request ${id})`);
  }

  async #writeCluster(
    caller: Caller,
    signal: AbortSignal,
    write: (writes: PeopleWrites) => Promise<void>,
  ): Promise<void> {
    const { whoMay, writesAs, home } = this.#options;
    signal.throwIfAborted();
    if (home.daemonSet === undefined)
      throw new Refusal(409, "no-daemonset", "the cluster is paused on Aceso's DaemonSet, and this replica has none");
    await whoMay.require(caller, [pauseCluster(home)]);
    await write(writesAs(caller.token));
  }

  #done({ person }: Caller, fields: object, message: string): WardDone {
    this.#options.log.info({ by: person.name, ...fields }, `asked for on the page: ${message}`);
    return { message };
  }
}

/** @returns the held repair's id @throws Refusal 409 where the request would do nothing or something else */
function requireSense(node: NodeName, releaseHold: boolean, view: ClusterView): string | undefined {
  const record = recordOf(view, node);
  if (isActive(record))
    throw new Refusal(409, "under-repair", `node/${node} is under repair already (${record?.phase})`);
  const isHeld = record?.phase === "Held";
  if (releaseHold && !isHeld) throw new Refusal(409, "not-held", `node/${node} is not held; nothing to release`);
  if (!releaseHold && isHeld) {
    const said = `node/${node} is held (${record.reason}): ${record.message}`;
    throw new Refusal(409, "held", `${said} When you have looked, ask again with releaseHold`);
  }
  return isHeld ? record.id || undefined : undefined;
}

function authorOf({ person }: Caller): string {
  return person.name.slice(0, 253);
}

function endText({ until }: ReadWish): string {
  return until === undefined ? "" : ` until ${until}`;
}
