import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const path = "/apis/aceso.dev/v1alpha1/noderepairs";

async function withLeader(options: { config?: string; hasProvider?: boolean } = {}): Promise<Healing> {
  const it = await startHealing({ nodes, ...options });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  return it;
}

const timeText = (it: Healing, agoMs = 0) => new Date(it.world.clock.now().wallMs - agoMs).toISOString();

/** What a backup makes of an object: it is made anew, without its status and what the server knows of it. */
async function restore(it: Healing, { metadata: { name }, spec }: ApiObject): Promise<void> {
  it.world.kube.store.remove("noderepairs", name);
  const body = { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name }, spec };
  await it.world.api.must("POST", path, body);
}

function ask(it: Healing, node: string, spec: object) {
  const body = { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name: node }, spec };
  return it.world.api.must("POST", path, body);
}

const untilAnswered = (it: Healing, node: string) =>
  it.world.clock.runUntil(() => it.repair(node)?.status?.handledRequest !== undefined, minuteMs, "an answer");

const refusalsOf = (it: Healing) =>
  it.world.kube.store
    .list("events")
    .filter(({ reason, regarding }: ApiObject) => reason === "RequestRefused" && regarding.kind === "Node")
    .map(({ note }: ApiObject) => note);

describe("a NodeRepair that is restored without its status", () => {
  test("reboots nothing within the hour either: its request is refused, told once, and not again by the next leader", async () => {
    await using it = await startHealing({ nodes });
    const first = await it.startReplica("one", "a");
    await it.world.clock.advance(20_000);
    await ask(it, "b", { request: { id: "noisy-fan", kind: "repair", askedAt: timeText(it) } });
    await it.untilPhase("b", "Healed", hourMs);
    const backup = structuredClone(it.repair("b"));
    const calls = it.provider.calls.length;
    expect(calls).toBeGreaterThan(0);

    await it.world.clock.advance(6 * minuteMs);
    await restore(it, backup);
    await untilAnswered(it, "b");
    await it.world.clock.advance(minuteMs);
    it.kill(first);
    await it.startReplica("two", "c");
    await it.world.clock.advance(2 * minuteMs);

    expect(it.provider.calls.length).toBe(calls);
    const { status } = it.repair("b");
    expect(status).toMatchObject({ handledRequest: "noisy-fan", refusedRequest: { id: "noisy-fan" } });
    expect([status.phase, status.message]).toEqual([undefined, expect.stringMatching(/^refused: .+; ask again$/)]);
    expect(refusalsOf(it)).toEqual([`Refused: ${status.refusedRequest.because}.`]);
    expect(it.node("b").spec.unschedulable).toBeUndefined();
  });

  test.each(["repair", "release-hold"])("of yesterday asks for %s in vain", async (kind) => {
    await using it = await withLeader();
    await ask(it, "b", { request: { id: "q1", kind, askedAt: timeText(it, 25 * hourMs) } });
    await untilAnswered(it, "b");
    await it.world.clock.advance(minuteMs);
    expect([it.provider.calls, it.repair("b").status.phase]).toEqual([[], undefined]);
    expect(refusalsOf(it)).toEqual([expect.stringContaining("25h ago")]);
  });

  test("confirms no machine off that is silent today", async () => {
    await using it = await withLeader({ hasProvider: false });
    const request = { id: "seen", kind: "confirm-off", repairId: "none", bootId: it.node("b").status.nodeInfo.bootID };
    it.cluster.node("b").machine.hang();
    await it.world.clock.advance(2 * minuteMs);
    await ask(it, "b", { request: { ...request, askedAt: timeText(it, 2 * hourMs) } });
    await untilAnswered(it, "b");
    await it.world.clock.advance(minuteMs);
    expect(it.node("b").spec.taints ?? []).not.toContainEqual(
      expect.objectContaining({ key: "node.kubernetes.io/out-of-service" }),
    );
    expect(it.repair("b").status.phase).toBeUndefined();
    expect(refusalsOf(it)).toHaveLength(1);

    const now = { ...request, id: "seen-now", askedAt: timeText(it) };
    it.world.kube.store.patch("noderepairs", "b", { spec: { request: now } });
    await it.untilPhase("b", "Recovering", 5 * minuteMs);
  });

  test("releases no hold of a repair that ended since", async () => {
    await using it = await withLeader({ config: `${briskConfig}\nfencing: {power-off-timeout: 10s}\n` });
    it.provider.observed = { power: "unknown", text: "the host does not answer" };
    it.cluster.node("b").machine.hang();
    await it.untilPhase("b", "Held", hourMs);
    const { reason, message } = it.repair("b").status;
    const calls = it.provider.calls.length;
    // the backup is laid over the object
    const request = { id: "looked", kind: "release-hold", askedAt: timeText(it, 3 * hourMs) };
    it.world.kube.store.patch("noderepairs", "b", { spec: { request } });
    await untilAnswered(it, "b");
    await it.world.clock.advance(5 * minuteMs);
    expect(it.repair("b").status).toMatchObject({ phase: "Held", reason, message, refusedRequest: { id: "looked" } });
    expect([it.provider.calls.length, refusalsOf(it).length]).toEqual([calls, 1]);
  });
});

test("a request that does not say when it was asked is refused, and the same with a time is done", async () => {
  await using it = await withLeader();
  await ask(it, "b", { request: { id: "q1", kind: "repair" } });
  await untilAnswered(it, "b");
  await it.world.clock.advance(minuteMs);
  expect(it.provider.calls).toEqual([]);
  expect(refusalsOf(it)).toEqual([expect.stringContaining("spec.request.askedAt")]);
  it.world.kube.store.patch("noderepairs", "b", {
    spec: { request: { id: "q2", kind: "repair", askedAt: timeText(it) } },
  });
  await it.untilPhase("b", "Healed", hourMs);
});

test("a request that a pause keeps waiting for longer than an hour is refused in time, and not done when the pause ends", async () => {
  await using it = await withLeader();
  it.world.kube.store.patch("nodes", "b", { metadata: { annotations: { "aceso.dev/paused": "disk swap" } } });
  const metadata = { name: "b", creationTimestamp: timeText(it, 25 * hourMs) };
  const request = { id: "q1", kind: "repair", askedAt: timeText(it, 58 * minuteMs) };
  it.world.kube.store.put("noderepairs", { metadata, spec: { request } });
  await it.world.clock.advance(minuteMs);
  expect(it.repair("b").status?.handledRequest).toBeUndefined();
  await it.world.clock.advance(minuteMs + 5_000);
  expect(it.repair("b").status).toMatchObject({ refusedRequest: { id: "q1" } });
  it.world.kube.store.patch("nodes", "b", { metadata: { annotations: { "aceso.dev/paused": null } } });
  await it.world.clock.advance(2 * minuteMs);
  expect([it.provider.calls, refusalsOf(it).length]).toEqual([[], 1]);
});
