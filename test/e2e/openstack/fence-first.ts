import { expect } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { serviceAccount } from "../../support/rights.ts";
import { Caller } from "./caller.ts";
import type { CloudStage } from "./cloud-stage.ts";

/**
 * When Nova's compute host began to stop the server the last time, by its own record, in whole seconds. That it had ended is
 * written there only after the server shows it, which is seconds later on a busy machine.
 */
async function stopBegunAt({ cloud }: CloudStage, serverId: string): Promise<number> {
  const caller = new Caller(cloud.account);
  const path = `/servers/${serverId}/os-instance-actions`;
  const { body } = await caller.nova("GET", path);
  const stop = body.instanceActions.find(({ action }: { action: string }) => action === "stop");
  const detail = (await caller.nova("GET", `${path}/${stop.request_id}`)).body.instanceAction;
  expect(detail.events[0]).toMatchObject({ event: "compute_stop_instance", result: "Success" });
  return Date.parse(`${detail.events[0].start_time}Z`);
}

/** When Aceso asked the API server for the out-of-service taint the last time. */
async function taintedAt({ plane }: CloudStage, node: string): Promise<number> {
  const taint = (await plane.auditLog()).findLast(
    ({ user, objectRef, requestObject }) =>
      user.username === serviceAccount &&
      objectRef?.resource === "nodes" &&
      objectRef.name === node &&
      JSON.stringify((requestObject as ApiObject)?.spec?.taints ?? []).includes("out-of-service"),
  );
  return Date.parse(taint?.requestReceivedTimestamp ?? "");
}

/** The taint came after Aceso had read twice that Nova had stopped the server, this time; the record says what it read. */
export async function expectFencedFirst(stage: CloudStage, node: string, serverId: string, status: ApiObject) {
  const [begunMs, taintedMs] = [await stopBegunAt(stage, serverId), await taintedAt(stage, node)];
  const evidence = status.evidence.filter((it: ApiObject) => it.machine === serverId && it.value === "off");
  expect(evidence.length).toBeGreaterThanOrEqual(2);
  for (const { source, text } of evidence)
    expect([source, text]).toEqual([
      "openstack",
      expect.stringMatching(/SHUTOFF, vm_state stopped, power state 4, no task/),
    ]);
  const readsMs = evidence
    .map((it: ApiObject) => Date.parse(it.readAt))
    .filter((readMs: number) => readMs <= taintedMs);
  expect(readsMs.length, "reads before the taint").toBeGreaterThanOrEqual(2);
  expect(Math.min(...readsMs)).toBeGreaterThanOrEqual(begunMs);
}
