import { ProviderError } from "../../../src/plugin-api/index.ts";
import { isRecord, type JsonRecord, recordIn, textIn } from "./json.ts";
import type { StackRef } from "./stack.ts";

/** A replacement through Magnum: the group gets a node with the next index, and loses the old one. */
export interface ResizePlan {
  readonly how: "resize";
  readonly root: StackRef;
  /** Name of a further node group; undefined: the default workers. */
  readonly group: string | undefined;
  /** Nodes in the group, before and after. */
  readonly count: number;
  /** Highest index in the group before. -1: none. */
  readonly highest: number;
}

/** A replacement through Heat: the resource is marked unhealthy and its stack updated; name and index stay. */
export interface UpdatePlan {
  readonly how: "update";
  readonly root: StackRef;
  /** The stack that holds the resource itself. */
  readonly home: StackRef;
  readonly resource: string;
}

/** What was true before a replacement; from it any later leader can tell how it stands. */
export type ReplacePlan = ResizePlan | UpdatePlan;

const version = 1;
const mostChars = 1_024;

/** @throws ProviderError (give-up) when names are too long to be kept */
export function writePlan(plan: ReplacePlan): string {
  const text = JSON.stringify({ v: version, ...plan });
  if (text.length <= mostChars) return text;
  throw new ProviderError(
    `openstack: planning a replacement: names of stacks are longer than ${mostChars} together`,
    "give-up",
  );
}

/** @throws ProviderError (ask-operator) when it is none, or one that a newer version wrote */
export function readPlan(text: string | undefined): ReplacePlan {
  const plan = toPlan(parsed(text));
  if (plan !== undefined) return plan;
  throw new ProviderError(
    "openstack: the plan of the replacement cannot be read: was it written by a newer version?",
    "ask-operator",
  );
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function toPlan(value: unknown): ReplacePlan | undefined {
  if (!isRecord(value) || value.v !== version) return undefined;
  const root = toRef(recordIn(value, "root"));
  if (root === undefined) return undefined;
  if (value.how === "resize") {
    const { count, highest } = value;
    if (typeof count !== "number" || typeof highest !== "number") return undefined;
    return { how: "resize", root, group: textIn(value, "group"), count, highest };
  }
  const [home, resource] = [toRef(recordIn(value, "home")), textIn(value, "resource")];
  if (value.how !== "update" || home === undefined || resource === undefined) return undefined;
  return { how: "update", root, home, resource };
}

function toRef(record: JsonRecord | undefined): StackRef | undefined {
  const [name, id] = [textIn(record, "name"), textIn(record, "id")];
  return name === undefined || id === undefined ? undefined : { name, id };
}
