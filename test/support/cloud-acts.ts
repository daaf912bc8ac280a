import type { SeenCall } from "./openstack-cloud.ts";

/** A call that changes a machine, in short. */
export interface CloudAct {
  /** `os-stop`, `os-start`, `soft-reboot`, `hard-reboot`, `rebuild`, `resize`, `mark-unhealthy`, `take-mark-back`, `update-stack`, or method and path. */
  readonly kind: string;
  /** Of the server, resource or stack. */
  readonly target: string;
  readonly wasAccepted: boolean;
  readonly call: SeenCall;
}

/** Acts among the calls, in order: no reads, no logins, no health reports. */
export function actsIn(calls: readonly SeenCall[]): readonly CloudAct[] {
  return calls.flatMap((call) => {
    const what = call.method === "GET" || call.service === "keystone" ? undefined : toAct(call);
    return what === undefined ? [] : [{ ...what, wasAccepted: call.status >= 200 && call.status < 300, call }];
  });
}

/** Kinds of the acts that the cloud has accepted, in order. */
export function acceptedIn(calls: readonly SeenCall[]): readonly string[] {
  return actsIn(calls)
    .filter(({ wasAccepted }) => wasAccepted)
    .map(({ kind }) => kind);
}

function toAct({ service, method, path, body }: SeenCall): Pick<CloudAct, "kind" | "target"> | undefined {
  const { pathname } = new URL(path, "http://cloud");
  const [last = "", before = "", beforeThat = ""] = pathname.split("/").reverse();
  if (service === "nova" && last === "action") return { kind: kindOfAction(body), target: before };
  if (service === "heat" && method === "PATCH") {
    return before === "resources" || beforeThat === "resources"
      ? { kind: body.includes('"mark_unhealthy":true') ? "mark-unhealthy" : "take-mark-back", target: last }
      : { kind: "update-stack", target: last };
  }
  if (service === "magnum" && last === "resize") return { kind: "resize", target: beforeThat };
  if (service === "magnum" && method === "PATCH" && body.includes("/health_status")) return undefined;
  return { kind: `${method} ${pathname}`, target: last };
}

function kindOfAction(body: string): string {
  const action: Readonly<Record<string, { readonly type?: string } | null>> = JSON.parse(body);
  const [name = ""] = Object.keys(action);
  return name === "reboot" ? `${action.reboot?.type?.toLowerCase()}-reboot` : name;
}
