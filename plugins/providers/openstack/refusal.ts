import { ProviderError, type Remedy } from "../../../src/plugin-api/index.ts";
import type { OpenStackAnswer } from "../../shared/openstack/call.ts";
import { faultText } from "../../shared/openstack/fault-text.ts";
import { type JsonRecord, recordIn, recordsIn } from "./json.ts";

/**
 * An answer that is not the one hoped for, as an error. Pure.
 *
 * @param what what was tried, on what, as `stopping server 1b2c…`
 * @param kind `act`: a call that changes something, whose outcome a 5xx leaves unknown
 */
export function refusal(what: string, answer: OpenStackAnswer, kind: "read" | "act"): ProviderError {
  const { remedy, advice } = judge(answer, kind);
  const request = answer.requestId === "" ? "" : ` (${answer.requestId})`;
  return new ProviderError(`openstack: ${what}: ${faultText(answer)}${request}${advice}`, remedy);
}

/** An answer to a read with a good status that does not hold what it should. */
export function nonsense(what: string, answer: OpenStackAnswer): ProviderError {
  const problem = `openstack: ${what}: status ${answer.status}, but the body is not what this service answers`;
  return new ProviderError(problem, "retry");
}

/** The object below a name in the answer to a read. @throws ProviderError when the answer is another one */
export function recordFrom(what: string, answer: OpenStackAnswer, key: string): JsonRecord {
  if (answer.status !== 200) throw refusal(what, answer, "read");
  const record = recordIn(answer.body, key);
  if (record === undefined) throw nonsense(what, answer);
  return record;
}

/** The objects of the list below a name in the answer to a read. @throws ProviderError when the answer is another one */
export function recordsFrom(what: string, answer: OpenStackAnswer, key: string): readonly JsonRecord[] {
  if (answer.status !== 200) throw refusal(what, answer, "read");
  const records = recordsIn(answer.body, key);
  if (records === undefined) throw nonsense(what, answer);
  return records;
}

interface Judgement {
  readonly remedy: Remedy;
  readonly advice: string;
}

function judge(answer: OpenStackAnswer, kind: "read" | "act"): Judgement {
  const { status } = answer;
  const text = faultText(answer);
  if (isShortage(text)) return { remedy: "ask-operator", advice: "; give the project more room" };
  if (status === 400) return { remedy: kind === "act" ? "give-up" : "ask-operator", advice: "" };
  if (status === 403) return { remedy: "ask-operator", advice: adviceOn(text) };
  if (status === 404) return { remedy: kind === "act" ? "re-read" : "ask-operator", advice: "" };
  if (status === 406) return { remedy: "ask-operator", advice: "; the service is too old for this" };
  if (status === 409 || status === 413 || status === 429) return { remedy: "retry", advice: "" };
  if (status >= 500 && kind === "act") return { remedy: "re-read", advice: "; it may have taken place all the same" };
  if (status >= 500) return { remedy: "retry", advice: "" };
  return { remedy: kind === "act" ? "re-read" : "ask-operator", advice: "" };
}

function isShortage(text: string): boolean {
  return /quota exceeded|exceeds? .*quota|no valid host/i.test(text);
}

/** `Policy doesn't allow os_compute_api:servers:stop to be performed.` names the right that is missing. */
function adviceOn(text: string): string {
  const policy = /allow ([\w:.-]+) to be performed/.exec(text)?.[1];
  if (policy === undefined) return "; the user lacks a role for this, see the provider's README (Keystone roles)";
  return `; the user needs a role that policy ${policy} allows, see the provider's README (Keystone roles)`;
}
