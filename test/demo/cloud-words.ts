import { actsIn } from "../support/cloud-acts.ts";
import type { SeenCall } from "../support/openstack-cloud.ts";

/**
 * What a service of OpenStack was asked to change, and what it answered; undefined for a read or a login.
 *
 * @param nameOf name of the server with this id, or the id
 */
export function wordOf(call: SeenCall, nameOf: (id: string) => string): string | undefined {
  const [act] = actsIn([call]);
  if (act !== undefined) return `${act.kind} of ${nameOf(act.target)}: ${call.status}`;
  if (call.service !== "magnum" || call.method !== "PATCH") return undefined;
  const health = healthIn(call.body);
  return health === undefined ? undefined : `the cluster's health_status becomes ${health}: ${call.status}`;
}

interface PatchStep {
  readonly path: string;
  readonly value: unknown;
}

function healthIn(body: string): string | undefined {
  const steps: readonly PatchStep[] = JSON.parse(body);
  const stepOf = (name: string) => steps.find(({ path }) => path === `/${name}`)?.value;
  const status = stepOf("health_status");
  if (status === undefined) return undefined;
  return status === "HEALTHY" ? status : `${status} ${stepOf("health_status_reason") ?? ""}`.trimEnd();
}
