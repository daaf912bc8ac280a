import { AcesoError, messageOf, ProviderError } from "../../../src/plugin-api/index.ts";
import type { OpenStackAnswer } from "../../shared/openstack/call.ts";
import { faultText } from "../../shared/openstack/fault-text.ts";
import type { Heat } from "./heat.ts";
import type { StackRef } from "./stack.ts";

/** A resource that was marked unhealthy for an update that is still to be asked for. */
export interface OwnMark {
  readonly home: StackRef;
  readonly resource: string;
  /** False: somebody else had marked it before, for an update of their own. */
  readonly isOurs: boolean;
}

/**
 * Runs what comes between the mark and the update, or tells of an update that was certainly not carried out. Left
 * behind, the mark would make anybody's next update replace the machine, and would hold back those of other machines.
 *
 * @throws what `run` throws; when the mark could not be taken back, a ProviderError that says so, too
 */
export async function takingBack<T>(mark: OwnMark, heat: Heat, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const left = mark.isOurs ? await takeBack(mark, heat, signal) : undefined;
    if (left === undefined) throw error;
    const problem = messageOf(error);
    const remedy = error instanceof AcesoError ? error.remedy : "retry";
    throw new ProviderError(`${problem}; ${left}`, remedy, { cause: error });
  }
}

/** Whether an error of a call says that it certainly did not take place. */
export function isUnsent(error: unknown): boolean {
  return error instanceof ProviderError && error.remedy !== "re-read";
}

export function isRefused({ status }: OpenStackAnswer): boolean {
  return status >= 400 && status < 500;
}

/** Undefined: it is gone. Otherwise what stayed, why, and how a person takes it away. Never throws. */
async function takeBack({ home, resource }: OwnMark, heat: Heat, signal: AbortSignal): Promise<string | undefined> {
  const because = await unmark(home, resource, heat, signal).catch(messageOf);
  if (because === undefined) return undefined;
  const advice = `openstack stack resource mark unhealthy --reset ${home.name} ${resource}`;
  return `its mark in Heat stayed (${because}): ${advice}`;
}

async function unmark(home: StackRef, resource: string, heat: Heat, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  const reason = "Aceso asked for no update: the mark is taken back";
  const answer = await heat.mark(home, resource, false, reason, signal);
  return answer.status === 200 ? undefined : faultText(answer);
}
