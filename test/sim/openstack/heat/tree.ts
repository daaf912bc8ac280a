import { type Group, type Member, type Stack, serverResource } from "../orchestration/stack.ts";

/** One resource of one stack, as all views need it. */
export interface Resource {
  readonly name: string;
  readonly type: string;
  readonly physicalId: string;
  readonly status: string;
  readonly reason: string;
  readonly createdAtWallMs: number;
  readonly updatedAtWallMs: number;
  /** Name of the resource of the stack above that this stack is; undefined in a root stack. */
  readonly parent: string | undefined;
  /** The stack that this resource is. */
  readonly nested: AnyStack | undefined;
  /** The node whose server it is. */
  readonly member: Member | undefined;
}

/** A stack at any depth. */
export interface AnyStack {
  readonly id: string;
  readonly name: string;
  readonly root: Stack;
  readonly resources: readonly Resource[];
}

/** The root stack as a tree: root, groups, one stack a node. Read anew for each call. */
export function treeOf(root: Stack): AnyStack {
  const plain = { createdAtWallMs: root.createdAtWallMs, updatedAtWallMs: root.createdAtWallMs, parent: undefined };
  const complete = { status: "CREATE_COMPLETE", reason: "state changed", member: undefined };
  const groups = root.groups.map((group): Resource => {
    const nested = groupTree(root, group);
    const type = "OS::Heat::ResourceGroup";
    return { ...plain, ...complete, ...own(root), name: group.name, type, physicalId: nested.id, nested };
  });
  const serverGroups = Object.entries(root.serverGroups).map(
    ([name, physicalId]): Resource => ({
      ...{ ...plain, ...complete, name, type: "OS::Nova::ServerGroup", physicalId, nested: undefined },
    }),
  );
  return { id: root.id, name: root.name, root, resources: [...groups, ...serverGroups] };
}

/** Finds a stack by name and id, at any depth. */
export function findInTree(tree: AnyStack, name: string, id: string): AnyStack | undefined {
  if (tree.id === id) return tree.name === name ? tree : undefined;
  for (const { nested } of tree.resources) {
    const found = nested === undefined ? undefined : findInTree(nested, name, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function groupTree(root: Stack, group: Group): AnyStack {
  const resources = group.members.filter(isListed).map((member): Resource => {
    const nested = memberTree(root, group, member);
    const type = `file:///templates/${serverResource[group.name].replace("-", "")}.yaml`;
    const { createdAtWallMs, updatedAtWallMs } = member;
    const parent = group.name;
    const about = { physicalId: nested.id, createdAtWallMs, updatedAtWallMs, parent, nested, member: undefined };
    return { name: String(member.index), type, status: "CREATE_COMPLETE", reason: "state changed", ...about };
  });
  return { id: group.stackId, name: group.stackName, root, resources };
}

function isListed({ isUnlisted }: Member): boolean {
  return !isUnlisted;
}

function memberTree(root: Stack, group: Group, member: Member): AnyStack {
  const { status, reason, createdAtWallMs, updatedAtWallMs, server } = member;
  const about = { status, reason, createdAtWallMs, updatedAtWallMs, parent: String(member.index), nested: undefined };
  const name = serverResource[group.name];
  const row: Resource = { name, type: "OS::Nova::Server", physicalId: server?.id ?? "", ...about, member };
  return { id: member.stackId, name: member.stackName, root, resources: [row] };
}

function own(root: Stack): Pick<Resource, "status" | "reason"> {
  return { status: root.status.replace("FAILED", "COMPLETE"), reason: "state changed" };
}
