import { isRecord, type JsonRecord, recordsIn, textIn } from "./json.ts";
import { toServerId } from "./server-id.ts";

/** A Heat stack as its API wants it named. */
export interface StackRef {
  readonly name: string;
  readonly id: string;
}

export interface Stack extends StackRef {
  /** As `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly reason: string;
}

/** One resource of type OS::Nova::Server, at any depth below a stack. */
export interface ServerRow {
  /** Nova's id; undefined while Heat has not made it. */
  readonly serverId: string | undefined;
  /** Name of the resource, as `kube-minion`. */
  readonly resource: string;
  /** As `CREATE_COMPLETE`. */
  readonly status: string;
  /** Place in its group, as 3; undefined outside groups with numbers. */
  readonly index: number | undefined;
  /** The stack that holds the resource itself. */
  readonly home: StackRef;
}

/** A resource of any type that is in a failed state. */
export interface FailedResource {
  readonly resource: string;
  readonly type: string;
  readonly status: string;
  /** Why, in the words of whoever marked it. */
  readonly reason: string;
  readonly serverId: string | undefined;
  readonly homeId: string | undefined;
}

export function toStack(value: unknown): Stack | undefined {
  if (!isRecord(value)) return undefined;
  const [name, id, status] = [textIn(value, "stack_name"), textIn(value, "id"), textIn(value, "stack_status")];
  if (name === undefined || id === undefined || status === undefined) return undefined;
  return { name, id, status, reason: textIn(value, "stack_status_reason") ?? "" };
}

/** Rows of the wrong type, as OS::Nova::ServerGroup, are left out: Heat's filter takes the type as a beginning. */
export function toServerRow(row: JsonRecord): ServerRow | undefined {
  if (row.resource_type !== "OS::Nova::Server") return undefined;
  const [resource, home] = [textIn(row, "resource_name"), homeOf(row)];
  if (resource === undefined || home === undefined) return undefined;
  const parent = textIn(row, "parent_resource") ?? "";
  return {
    serverId: toServerId(textIn(row, "physical_resource_id") ?? ""),
    resource,
    status: textIn(row, "resource_status") ?? "",
    index: /^\d+$/.test(parent) ? Number(parent) : undefined,
    home,
  };
}

export function toFailedResource(row: JsonRecord): FailedResource | undefined {
  const status = textIn(row, "resource_status") ?? "";
  if (!status.endsWith("_FAILED")) return undefined;
  return {
    resource: textIn(row, "resource_name") ?? "",
    type: textIn(row, "resource_type") ?? "",
    status,
    reason: textIn(row, "resource_status_reason") ?? "",
    serverId: toServerId(textIn(row, "physical_resource_id") ?? ""),
    homeId: homeOf(row)?.id,
  };
}

/** `…/stacks/NAME/ID` at the end of an address. */
export function stackInAddress(address: string): StackRef | undefined {
  const parts = /\/stacks\/([^/?#]+)\/([^/?#]+)\/?(?:[?#].*)?$/.exec(address);
  if (parts?.[1] === undefined || parts[2] === undefined) return undefined;
  return { name: decodeURIComponent(parts[1]), id: decodeURIComponent(parts[2]) };
}

function homeOf(row: JsonRecord): StackRef | undefined {
  const link = recordsIn(row, "links")?.find(({ rel }) => rel === "stack");
  return stackInAddress(textIn(link, "href") ?? "");
}
