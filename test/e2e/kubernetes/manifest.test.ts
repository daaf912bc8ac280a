import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiObject, mergePatch } from "../../support/api-client.ts";
import type { ControlPlane } from "../../support/control-plane/start.ts";
import { eventually } from "../../support/eventually.ts";
import { type Installation, installManifest } from "../../support/installed-manifest.ts";
import { serviceAccount } from "../../support/rights.ts";

let installed: Installation;
let plane: ControlPlane;

beforeAll(async () => {
  installed = await installManifest({ scheduler: false });
  plane = installed.plane;
});

afterAll(() => installed?.stop());

describe("kubectl create -f manifests/aceso.yaml", () => {
  test("creates everything at the first try", () => {
    const created = installed.printed.trim().split("\n");
    expect(created.filter((line) => !line.endsWith(" created"))).toEqual([]);
    expect(created).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^daemonset/),
        expect.stringMatching(/^validatingadmissionpolicy/),
      ]),
    );
  });

  test("the policies have no expression that the server warns about", async () => {
    await eventually("the policies were type-checked", async () => {
      const { items } = await plane.api.get("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies");
      return items.length > 0 && items.every((item: ApiObject) => item.status?.typeChecking !== undefined);
    });
    const { items } = await plane.api.get("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies");
    const warnings = items.flatMap((item: ApiObject) => item.status?.typeChecking?.expressionWarnings ?? []);
    expect(warnings).toEqual([]);
  });

  test("the custom resources are served", async () => {
    const list = await eventually("noderepairs are served", () =>
      plane.api.get("/apis/aceso.dev/v1alpha1/noderepairs"),
    );
    expect(list.kind).toBe("NodeRepairList");
    const reports = await plane.api.get("/apis/aceso.dev/v1alpha1/namespaces/aceso/observerreports");
    expect(reports.kind).toBe("ObserverReportList");
  });
});

describe("NodeRepair", () => {
  const path = "/apis/aceso.dev/v1alpha1/noderepairs";

  test("kubectl get nr reads like a ward round", async () => {
    await plane.api.must("POST", path, newRepair("ward-1"));
    const phaseStartedAt = new Date().toISOString();
    const status = {
      phase: "Releasing",
      rung: "power-cycle",
      attempt: 1,
      reason: "silent",
      phaseStartedAt,
      leader: "aceso-x",
    };
    await plane.api.must("PATCH", `${path}/ward-1/status`, { status }, { contentType: mergePatch });
    const [head, row] = (await plane.kubectl(["get", "nr", "ward-1"])).trim().split("\n");
    expect(head?.split(/\s+/)).toEqual(["NAME", "PHASE", "RUNG", "ATTEMPT", "REASON", "SINCE", "LEADER", "AGE"]);
    expect(row).toMatch(/^ward-1 +Releasing +power-cycle +1 +silent +\d+s +aceso-x +\d+s$/);
  });

  test("a status of a newer version, or of nonsense, is kept for the engine to judge", async () => {
    await plane.api.must("POST", path, newRepair("newer"));
    const status = { version: 99, phase: "Dreaming", plan: { mode: "telepathy" }, addedLater: { a: 1 } };
    const stored = await plane.api.must("PATCH", `${path}/newer/status`, { status }, { contentType: mergePatch });
    expect(stored.status).toEqual(status);
  });

  test("a request cannot be changed, only followed by another with a new id", async () => {
    await plane.api.must("POST", path, newRepair("asked", { request: { id: "q-1", kind: "repair" } }));
    const change = (request: unknown) =>
      plane.api.call("PATCH", `${path}/asked`, { spec: { request } }, { contentType: mergePatch });
    const changed = await change({ kind: "release-hold" });
    expect([changed.status, changed.body.message]).toEqual([
      422,
      expect.stringContaining("give the new request a new id"),
    ]);
    expect((await change({ id: "q-2", kind: "release-hold" })).status).toBe(200);
  });

  test("confirm-off must name the repair and the boot", async () => {
    const answer = await plane.api.call("POST", path, newRepair("off", { request: { id: "q", kind: "confirm-off" } }));
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining("repairId")]);
  });
});

describe("the service account's rights", () => {
  test.each([
    ["get", "", "secrets", "aceso"],
    ["get", "", "secrets", "kube-system"],
    ["get", "", "nodes/proxy", ""],
    ["patch", "", "nodes/status", ""],
    ["create", "", "pods", "default"],
    ["create", "", "pods/exec", "default"],
    ["update", "coordination.k8s.io", "leases", "kube-node-lease"],
    ["update", "coordination.k8s.io", "leases", "kube-system"],
    ["patch", "apps", "daemonsets", "aceso"],
    ["patch", "aceso.dev", "noderepairs", ""],
    ["delete", "aceso.dev", "noderepairs", ""],
    ["create", "rbac.authorization.k8s.io", "clusterrolebindings", ""],
  ])("may not %s %s %s in %s", async (verb, group, resource, namespace) => {
    expect(await isAllowed(verb, group, resource, namespace)).toBe(false);
  });

  test.each([
    ["watch", "", "nodes", ""],
    ["patch", "", "nodes", ""],
    ["delete", "", "nodes", ""],
    ["create", "", "pods/eviction", "default"],
    ["get", "coordination.k8s.io", "leases", "kube-node-lease"],
    ["create", "aceso.dev", "noderepairs", ""],
    ["patch", "aceso.dev", "noderepairs/status", ""],
    ["create", "events.k8s.io", "events", "default"],
  ])("may %s %s %s in %s", async (verb, group, resource, namespace) => {
    expect(await isAllowed(verb, group, resource, namespace)).toBe(true);
  });
});

function newRepair(name: string, spec: object = {}): ApiObject {
  return { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name }, spec };
}

async function isAllowed(verb: string, group: string, resource: string, namespace: string): Promise<boolean> {
  const [name, subresource] = resource.split("/");
  const resourceAttributes = { verb, group, resource: name, subresource, namespace };
  const review = { spec: { user: serviceAccount, groups: ["system:serviceaccounts"], resourceAttributes } };
  const answer = await plane.api.must("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
  return answer.status.allowed === true;
}
