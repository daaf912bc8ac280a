import type { Fields } from "../../kube/object.ts";
import { secondText } from "../times.ts";
import type { HeatCall } from "./context.ts";
import type { AnyStack, Resource } from "./tree.ts";

/** Full address of a stack. */
export function hrefOf({ request, caller }: HeatCall, { name, id }: Pick<AnyStack, "name" | "id">): string {
  return `${request.origin}/v1/${caller.projectId}/stacks/${name}/${id}`;
}

/** A stack in a list of stacks. */
export function stackRow(call: HeatCall, stack: AnyStack): Fields {
  const { root } = stack;
  return {
    id: stack.id,
    links: [{ href: hrefOf(call, stack), rel: "self" }],
    stack_name: stack.name,
    description: "",
    stack_status: root.status,
    stack_status_reason: root.reason,
    creation_time: secondText(root.createdAtWallMs),
    updated_time: root.updatedAtWallMs === undefined ? null : secondText(root.updatedAtWallMs),
    deletion_time: null,
    stack_owner: call.caller.userName,
    parent: stack.id === root.id ? null : root.id,
    stack_user_project_id: call.caller.projectId,
    tags: null,
  };
}

/** One stack by itself. Those below a root do not show the root's updates. */
export function stackView(call: HeatCall, stack: AnyStack): Fields {
  const isRoot = stack.id === stack.root.id;
  const calm = { stack_status: "CREATE_COMPLETE", stack_status_reason: "Stack CREATE completed successfully" };
  return {
    ...stackRow(call, stack),
    ...(isRoot ? {} : calm),
    notification_topics: [],
    parameters: { "OS::stack_id": stack.id, "OS::project_id": call.caller.projectId, "OS::stack_name": stack.name },
    capabilities: [],
    outputs: [],
    template_description: "",
    disable_rollback: true,
    timeout_mins: 60,
  };
}

/** A resource in a list. */
export function resourceRow(call: HeatCall, stack: AnyStack, resource: Resource): Fields {
  const href = hrefOf(call, stack);
  const { name, nested, parent } = resource;
  const below = nested === undefined ? [] : [{ href: hrefOf(call, nested), rel: "nested" }];
  return {
    updated_time: secondText(resource.updatedAtWallMs),
    creation_time: secondText(resource.createdAtWallMs),
    logical_resource_id: name,
    resource_name: name,
    physical_resource_id: resource.physicalId,
    resource_status: resource.status,
    resource_status_reason: resource.reason,
    resource_type: resource.type,
    links: [{ href: `${href}/resources/${name}`, rel: "self" }, { href, rel: "stack" }, ...below],
    required_by: [],
    ...(parent === undefined ? {} : { parent_resource: parent }),
  };
}
