import type { PowerAnswer } from "../../../src/plugin-api/index.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import type { AskedActs } from "./asked-acts.ts";
import type { FencedHosts } from "./fenced-host.ts";
import { powerOfGone } from "./gone.ts";
import type { Nova } from "./nova.ts";
import { failureOf } from "./past-act.ts";
import { powerOf } from "./power.ts";

interface Parts {
  readonly nova: Nova;
  readonly session: OpenStackSession;
  readonly asked: AskedActs;
  /** Where the operator asserts host fencing. */
  readonly fencedHosts: FencedHosts | undefined;
}

/** What the cloud says of one server now. @throws ProviderError when it cannot be asked */
export async function observe(id: string, parts: Parts, signal: AbortSignal): Promise<PowerAnswer> {
  const server = await parts.nova.find(id, signal);
  if (server === undefined) return powerOfGone(id, parts.nova, signal);
  const asserted = await parts.fencedHosts?.power(server, signal);
  if (asserted !== undefined) return asserted;
  // What became of an earlier act is worth less than how the server is now.
  const failedAct = await failureOf(server, parts, signal).catch(() => undefined);
  return { ...powerOf(server), ...(failedAct !== undefined && { failedAct }) };
}

/** All servers of the project by id. Of a Node's server that is missing here the survey says nothing. */
export async function survey(nova: Nova, signal: AbortSignal): Promise<ReadonlyMap<string, PowerAnswer>> {
  const servers = await nova.all(signal);
  return new Map(servers.map((server) => [server.id, powerOf(server)]));
}
