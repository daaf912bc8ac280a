import { type NodeIdentity, ProviderError } from "../../../src/plugin-api/index.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import { serverNamedBy } from "./named-servers.ts";
import type { Nova } from "./nova.ts";
import type { Roster } from "./roster.ts";
import type { Server } from "./server.ts";
import type { OpenStackSettings } from "./settings.ts";

interface Parts {
  readonly nova: Nova;
  readonly session: Pick<OpenStackSession, "projectId">;
  /** Undefined: Nova alone. */
  readonly roster: Roster | undefined;
  readonly settings: OpenStackSettings;
}

/**
 * The server of a Node, read from Nova and known to belong to the cluster.
 *
 * @returns undefined when the Node names no server
 * @throws ProviderError (ask-operator) when it names two, one that is not there, or one of somebody else
 */
export async function identify(node: NodeIdentity, parts: Parts, signal: AbortSignal): Promise<string | undefined> {
  const { nova, settings } = parts;
  const named = serverNamedBy(node, settings.region);
  if (named === undefined) return settings.matchesByName ? await byName(node, parts, signal) : undefined;
  const found = await nova.find(named, signal);
  const server = found === undefined || (await isOfProject(found, parts, signal)) ? found : undefined;
  if (server === undefined) {
    const problem = `openstack: node ${node.name} is server ${named}, which this project does not have`;
    throw new ProviderError(`${problem}: deleted, or of another project`, "ask-operator");
  }
  return await ours(server, node, parts, signal);
}

/** With admin rights Nova answers for the servers of others, too, and whoever owns one chooses its metadata. */
async function isOfProject({ projectId }: Server, { session }: Parts, signal: AbortSignal): Promise<boolean> {
  return projectId === undefined || projectId === (await session.projectId(signal));
}

async function byName(node: NodeIdentity, parts: Parts, signal: AbortSignal): Promise<string | undefined> {
  const [server, other] = await parts.nova.named(node.name, signal);
  if (server === undefined) return undefined;
  if (other === undefined) return await ours(server, node, parts, signal);
  const problem = `openstack: node ${node.name}: servers ${server.id} and ${other.id} both have its name`;
  throw new ProviderError(`${problem}; set the annotation aceso.dev/machine`, "ask-operator");
}

async function ours(server: Server, node: NodeIdentity, parts: Parts, signal: AbortSignal): Promise<string> {
  const { roster, settings } = parts;
  const isSelected = hasAll(server.metadata, settings.machines);
  const selects = Object.keys(settings.machines).length > 0;
  if (selects ? isSelected : roster === undefined) return server.id;
  if ((await roster?.find(server.id, signal)) !== undefined) return server.id;
  const what = `openstack: node ${node.name} is server ${server.id} (${server.name})`;
  const wanted = selects ? "without the metadata of openstack.machines" : "";
  const outside =
    roster === undefined ? wanted : ["outside the cluster's stacks", wanted].filter(Boolean).join(" and ");
  throw new ProviderError(`${what}, ${outside}: it is somebody else's and is not touched`, "ask-operator");
}

/** Pure. */
export function hasAll(metadata: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => metadata[name] === value);
}
