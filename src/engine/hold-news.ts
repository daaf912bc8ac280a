import type { Action } from "../core/decide.ts";
import { eventReasons } from "../core/event-reasons.ts";
import { isUnansweredYet } from "../core/guards-owner.ts";
import type { HoldReason } from "../core/hold.ts";
import type { NodeName } from "../core/model.ts";
import { type ClusterView, recordOf } from "../core/view.ts";
import type { World } from "./world.ts";

/** Tells people of each *new* reason for which no repair begins on a node: one log line and one event. */
export class HoldNews {
  readonly #world: Pick<World, "events" | "log">;
  #told = new Map<NodeName, HoldReason>();

  constructor(world: Pick<World, "events" | "log">) {
    this.#world = world;
  }

  /** To be told of every decision; a node that is held no more may be told of again. */
  tell(actions: readonly Action[], view: Pick<ClusterView, "records">): void {
    const held = new Map<NodeName, HoldReason>();
    for (const action of actions) {
      if (action.kind !== "hold" || isUnansweredYet(action.hold)) continue;
      const { node, hold, because } = action;
      held.set(node.name, hold.reason);
      if (this.#told.get(node.name) === hold.reason) continue;
      this.#world.log.info(
        { node: node.name, reason: hold.reason },
        `${node.name} is held: ${hold.message} Cause: ${because}`,
      );
      this.#world.events.record({
        node: node.name,
        nodeUid: node.uid,
        type: eventReasons.RepairHeldBack.type,
        reason: "RepairHeldBack",
        // part of what makes two notes one Event: another reason is another Event
        action: `Deciding-${hold.reason}`,
        note: `${hold.reason}: ${hold.message} Cause: ${because}`.slice(0, 1_000),
        hold: hold.reason,
        earlierUid: recordOf(view, node.name)?.objectUid,
      });
    }
    this.#told = held;
  }
}
