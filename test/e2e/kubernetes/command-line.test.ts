import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { runMain } from "../../component/cli/cli-rig.ts";
import { mergePatch } from "../../support/api-client.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/start.ts";
import { eventually } from "../../support/eventually.ts";

const noderepairs = "/apis/aceso.dev/v1alpha1/noderepairs";
let plane: ControlPlane;
const aceso = (...args: string[]) => runMain([...args, "--kubeconfig", plane.kubeconfigs[0] ?? ""]);

beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false });
  await eventually("the custom resources are served", () => plane.api.get(noderepairs));
  const { wallMs } = systemClock.now();
  const renewTime = `${new Date(wallMs - 60_000).toISOString().slice(0, -1)}000Z`;
  await plane.api.must("POST", "/api/v1/nodes", {
    metadata: { name: "n1" },
    status: { nodeInfo: { bootID: "boot-1" }, conditions: [{ type: "Ready", status: "True" }] },
  });
  await plane.api.must("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", {
    metadata: { name: "n1", namespace: "kube-node-lease" },
    spec: { holderIdentity: "n1", leaseDurationSeconds: 40, renewTime },
  });
});

afterAll(() => plane?.stop());

test("a cluster in which Aceso does not run yet is described, with what is missing", async () => {
  const { exitCode, out } = await aceso("status", "-o", "json");
  expect([exitCode, JSON.parse(out)]).toMatchObject([0, { leader: null, nodes: { total: 1 }, config: "defaults" }]);
});

test("pause says who it was, as the server knows the caller", async () => {
  expect(await aceso("pause", "n1", "--for", "1h", "--reason", "disk swap")).toMatchObject({ exitCode: 0, err: "" });
  const { metadata } = await plane.api.get("/api/v1/nodes/n1");
  expect(metadata.annotations).toMatchObject({ "aceso.dev/paused": "disk swap", "aceso.dev/paused-by": "admin" });
  expect((await aceso("resume", "n1")).exitCode).toBe(0);
  expect((await plane.api.get("/api/v1/nodes/n1")).metadata.annotations?.["aceso.dev/paused"]).toBeUndefined();
});

test("requests pass the schema and its rules, one after the other", async () => {
  const repairs = `${noderepairs}/n1`;
  expect(await aceso("repair", "n1", "--reason", "noisy fan")).toMatchObject({ exitCode: 0, err: "" });
  expect((await plane.api.get(repairs)).spec).toMatchObject({ request: { kind: "repair" }, requestedBy: "admin" });
  expect(await aceso("confirm-off", "n1", "--yes")).toMatchObject({ exitCode: 0, err: "" });
  expect((await plane.api.get(repairs)).spec).toMatchObject({
    request: { kind: "confirm-off", repairId: "none", bootId: "boot-1" },
  });
  expect(await aceso("repair", "n1")).toMatchObject({ exitCode: 0, err: "" });
  const { request } = (await plane.api.get(repairs)).spec;
  expect(request).toEqual({ id: expect.any(String), kind: "repair", askedAt: expect.stringMatching(/^20.+Z$/) });
});

test("a cluster whose NodeRepair is older is told to renew it, and nothing is written that it would cut", async () => {
  const crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/noderepairs.aceso.dev";
  const { versions } = (await plane.api.get(crd)).spec;
  const older = JSON.parse(JSON.stringify(versions).replace('"askedAt":{', '"askedLater":{'));
  await plane.api.must("PATCH", crd, { spec: { versions: older } }, { contentType: mergePatch });
  const toldToRenew = /^1 .+ kubectl replace -f manifests\/crds .+ACESO_CRD_OUTDATED/s;
  const refused = async () => {
    const { exitCode, err } = await aceso("repair", "n1");
    expect(`${exitCode} ${err}`).toMatch(toldToRenew);
    return true;
  };
  await eventually("it is refused", refused);
  const before = (await plane.api.get(noderepairs)).items;
  await refused();
  expect((await plane.api.get(noderepairs)).items).toEqual(before);
  await plane.api.must("DELETE", `${noderepairs}/n1`);
  await refused();
  expect((await plane.api.get(noderepairs)).items).toEqual([]);
  await plane.api.must("PATCH", crd, { spec: { versions } }, { contentType: mergePatch });
  await eventually("it is taken", async () => (await aceso("repair", "n1")).exitCode === 0);
});

test("a cluster without Aceso's kinds is told how to have them", async () => {
  await plane.kubectl(["delete", "crd", "noderepairs.aceso.dev"]);
  await eventually("the kind is gone", async () => {
    const { exitCode, err } = await aceso("status");
    expect([exitCode, err]).toEqual([3, expect.stringContaining("kubectl create -f manifests/aceso.yaml")]);
    return true;
  });
});
