import type { OpenStackAnswer, OpenStackCall } from "../../shared/openstack/call.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import type { JsonRecord } from "./json.ts";
import { nonsense, recordFrom, recordsFrom } from "./refusal.ts";
import {
  type FailedResource,
  type ServerRow,
  type Stack,
  type StackRef,
  stackInAddress,
  toFailedResource,
  toServerRow,
  toStack,
} from "./stack.ts";

/** Stock Magnum needs 2: the stack, its groups, one stack a node. Heat's own limit for templates is 5. */
const nestedDepth = "5";

/** The calls of Heat that are used. Each throws ProviderError; what a status means is said in `refusal.ts`. */
export class Heat {
  readonly #session: OpenStackSession;

  constructor(session: OpenStackSession) {
    this.#session = session;
  }

  /** @param reference a stack's name or id, or both */
  async stack(reference: string | StackRef, signal: AbortSignal): Promise<Stack> {
    const what = `reading stack ${typeof reference === "string" ? reference : reference.name}`;
    let answer = await this.#call("GET", pathOf(reference), signal);
    // A stack that is named by half is told in whole by a redirect.
    const whole = answer.status === 302 ? stackInAddress(answer.location ?? "") : undefined;
    if (whole !== undefined) answer = await this.#call("GET", pathOf(whole), signal);
    const stack = toStack(recordFrom(what, answer, "stack"));
    if (stack === undefined) throw nonsense(what, answer);
    return stack;
  }

  /** All servers of a stack and of those below it. */
  async servers(root: StackRef, signal: AbortSignal): Promise<readonly ServerRow[]> {
    const rows = await this.#resources(root, { type: "OS::Nova::Server" }, signal);
    return rows.flatMap((row) => toServerRow(row) ?? []);
  }

  /** Every resource of a stack, and of those below it, that is in a failed state or was marked unhealthy. */
  async failed(root: StackRef, signal: AbortSignal): Promise<readonly FailedResource[]> {
    const rows = await this.#resources(root, { status: "FAILED" }, signal);
    return rows.flatMap((row) => toFailedResource(row) ?? []);
  }

  /** Marks a resource of a stack for replacement by the next update, or takes the mark back. @returns any status */
  mark(
    home: StackRef,
    resource: string,
    isUnhealthy: boolean,
    reason: string,
    signal: AbortSignal,
  ): Promise<OpenStackAnswer> {
    const path = `${pathOf(home)}/resources/${encodeURIComponent(resource)}`;
    return this.#call("PATCH", path, signal, { mark_unhealthy: isUnhealthy, resource_status_reason: reason });
  }

  /** Updates a stack with the template and parameters that it has: replaces what is marked. @returns any status */
  update(root: StackRef, signal: AbortSignal): Promise<OpenStackAnswer> {
    return this.#call("PATCH", pathOf(root), signal, {});
  }

  async #resources(
    root: StackRef,
    filter: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly JsonRecord[]> {
    const query = { nested_depth: nestedDepth, ...filter };
    const path = `${pathOf(root)}/resources`;
    const answer = await this.#session.call({ service: "orchestration", method: "GET", path, query, signal });
    return recordsFrom(`listing the resources of stack ${root.name}`, answer, "resources");
  }

  #call(method: "GET" | "PATCH", path: string, signal: AbortSignal, body?: object): Promise<OpenStackAnswer> {
    const call: OpenStackCall = { service: "orchestration", method, path, signal };
    return this.#session.call(body === undefined ? call : { ...call, body });
  }
}

function pathOf(reference: string | StackRef): string {
  if (typeof reference === "string") return `/stacks/${encodeURIComponent(reference)}`;
  return `/stacks/${encodeURIComponent(reference.name)}/${encodeURIComponent(reference.id)}`;
}
