import type { PowerAnswer } from "../../../src/plugin-api/index.ts";
import type { InstanceAction, Nova } from "./nova.ts";

/**
 * What a server's absence proves. Nova deletes its record of a server also while the compute host is away and the guest
 * goes on running: off is only said when the host itself has reported that it destroyed the guest.
 */
export async function powerOfGone(id: string, nova: Nova, signal: AbortSignal): Promise<PowerAnswer> {
  const actions = await nova.actions(id, signal);
  const deletion = actions?.find(({ action }) => isDeletion(action));
  if (deletion === undefined) {
    return {
      power: "unknown",
      text: "Nova has no such server and no record of its deletion: deleted while its compute host was down, or not of this project",
    };
  }
  const detailed = deletion.requestId === "" ? undefined : await nova.action(id, deletion.requestId, signal);
  return powerAfter(detailed ?? deletion);
}

/** Pure. */
export function powerAfter({ requestId, events }: InstanceAction): PowerAnswer {
  const end = events.find(({ event }) => event === "compute_terminate_instance");
  if (end?.result === "Success") {
    return { power: "off", text: `gone: deleted, and its compute host has destroyed the guest (${requestId})` };
  }
  if (end !== undefined && end.result === undefined) {
    return { power: "changing", text: `gone from Nova's records, its compute host is at it (${requestId})` };
  }
  const text = `gone from Nova's records, but no compute host has said that it destroyed the guest (${requestId})`;
  return { power: "unknown", text };
}

function isDeletion(action: string): boolean {
  return action === "delete" || action === "forceDelete";
}
