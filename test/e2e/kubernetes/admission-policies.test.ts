import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, type ApiObject, mergePatch } from "../../support/api-client.ts";
import type { ControlPlane } from "../../support/control-plane/start.ts";
import { eventually } from "../../support/eventually.ts";
import { type Installation, installManifest } from "../../support/installed-manifest.ts";

const outOfService = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };
const foreign = { key: "example.org/foreign", effect: "NoSchedule" };
const marks = { "aceso.dev/marks": '{"repairId":"r-1"}' };

let installed: Installation;
let plane: ControlPlane;
let aceso: ApiClient;
let kubelet: ApiClient;

beforeAll(async () => {
  installed = await installManifest({ scheduler: false });
  ({ plane, aceso, kubelet } = installed);
});

afterAll(() => installed?.stop());

describe("policy on what Aceso changes of a Node", () => {
  test("cordon and marks in one patch, and back", async () => {
    const name = await haveNode("cordoned");
    const cordon = { spec: { unschedulable: true }, metadata: { annotations: marks } };
    const back = { spec: { unschedulable: null }, metadata: { annotations: { "aceso.dev/marks": null } } };
    expect((await patchNode(aceso, name, cordon)).status).toBe(200);
    expect((await patchNode(aceso, name, back)).status).toBe(200);
  });

  test("its own taint beside others' taints, with marks, and back", async () => {
    const name = await haveNode("tainted");
    const added = await changeTaints(name, (taints) => [...taints, outOfService], marks);
    expect(added.status).toBe(200);
    expect(added.body.spec.taints).toContainEqual(expect.objectContaining(foreign));
    const removed = await changeTaints(name, (taints) => taints.filter(({ key }) => key !== outOfService.key), {});
    expect(removed.status).toBe(200);
  });

  test("its own taint without marks is refused", async () => {
    const name = await haveNode("unmarked");
    const answer = await changeTaints(name, (taints) => [...taints, outOfService], {});
    expect(answer.body.message).toContain("only together with its annotation");
  });

  test.each([
    ["a foreign taint dropped", { spec: { taints: [] } }, "no taint but"],
    ["a foreign taint changed", { spec: { taints: [{ ...foreign, effect: "NoExecute" }] } }, "no taint but"],
    ["a label", { metadata: { labels: { "node-role.kubernetes.io/control-plane": "" } } }, "no label"],
    ["a person's pause", { metadata: { annotations: { "aceso.dev/paused": null } } }, "no annotation"],
    ["a foreign annotation", { metadata: { annotations: { "example.org/a": "b" } } }, "no annotation"],
    ["the provider's id", { spec: { providerID: "x://y" } }, "nothing in a Node's spec"],
    ["a finalizer", { metadata: { finalizers: ["example.org/f"] } }, "no label, finalizer"],
  ])("%s is refused", async (_, patch, message) => {
    const name = await haveNode("kept");
    const answer = await patchNode(aceso, name, patch);
    expect([answer.status, answer.body.message]).toEqual([403, expect.stringContaining(message)]);
  });

  test("a Node is deleted only with taint and marks", async () => {
    const name = await haveNode("precious");
    const path = `/api/v1/nodes/${name}`;
    const refused = await aceso.call("DELETE", path);
    expect([refused.status, refused.body.message]).toEqual([403, expect.stringContaining("deletes a Node only")]);
    const cordon = { spec: { unschedulable: true }, metadata: { annotations: marks } };
    expect((await patchNode(aceso, name, cordon)).status).toBe(200);
    expect((await aceso.call("DELETE", path)).status).toBe(403);
    expect((await changeTaints(name, (taints) => [...taints, outOfService], marks)).status).toBe(200);
    expect((await aceso.call("DELETE", path)).status).toBe(200);
  });
});

describe("policy on what a kubelet writes", () => {
  test.each([
    ["adds", "", { "aceso.dev/machine": "another" }],
    ["adds by the status", "/status", { "aceso.dev/machine": "another" }],
    ["removes", "", { "aceso.dev/paused": null }],
    ["removes by the status", "/status", { "aceso.dev/paused": null }],
    ["changes", "", { "aceso.dev/paused": "false" }],
  ])("is refused when it %s an annotation of aceso.dev", async (_, subresource, annotations) => {
    const name = await haveNode("worker-1");
    const patch = { metadata: { annotations } };
    const answer = await kubelet.call("PATCH", `/api/v1/nodes/${name}${subresource}`, patch, {
      contentType: mergePatch,
    });
    expect([answer.status, answer.body.message]).toEqual([403, expect.stringContaining("a kubelet may not write")]);
  });

  test("is refused when it registers with one", async () => {
    const other = new ApiClient(plane.accessAs("system:node:worker-9", ["system:nodes"]));
    const answer = await other.call("POST", "/api/v1/nodes", newNode("worker-9", { "aceso.dev/machine": "vm-1" }));
    other.close();
    expect([answer.status, answer.body.message]).toEqual([403, expect.stringContaining("a kubelet may not write")]);
  });

  test("passes when it writes its own annotations and its status", async () => {
    const name = await haveNode("worker-1");
    const annotations = { "volumes.kubernetes.io/controller-managed-attach-detach": "true" };
    expect((await patchNode(kubelet, name, { metadata: { annotations } })).status).toBe(200);
    const status = { conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }] };
    const options = { contentType: "application/strategic-merge-patch+json" };
    expect((await kubelet.call("PATCH", `/api/v1/nodes/${name}/status`, { status }, options)).status).toBe(200);
  });
});

test("policy on pods: Aceso writes nothing but Failed into their status", async () => {
  const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } };
  await plane.api.must("POST", "/api/v1/namespaces/default/pods", pod);
  const path = "/api/v1/namespaces/default/pods/p/status";
  const patch = (phase: string, query = "") =>
    aceso.call("PATCH", `${path}${query}`, { status: { phase } }, { contentType: mergePatch });
  // policies are in force up to two seconds after their creation, each for itself
  await eventually(
    "the policy on pods is in force",
    async () => (await patch("Running", "?dryRun=All")).status === 403,
  );
  const running = await patch("Running");
  expect([running.status, running.body.message]).toEqual([403, expect.stringContaining("Aceso marks pods Failed")]);
  expect((await patch("Failed")).status).toBe(200);
});

async function haveNode(name: string): Promise<string> {
  const answer = await plane.api.call(
    "POST",
    "/api/v1/nodes",
    newNode(name, { "aceso.dev/paused": "kept by a person" }),
  );
  if (answer.status !== 201 && answer.status !== 409) throw new Error(`node ${name}: ${answer.status}`);
  return name;
}

function newNode(name: string, annotations: Record<string, string>): ApiObject {
  return { metadata: { name, annotations }, spec: { taints: [foreign] } };
}

/** As Aceso does it: on the condition that nobody, as the node controller, changed the Node since it was read. */
async function changeTaints(name: string, change: (taints: ApiObject[]) => ApiObject[], annotations: object) {
  return eventually("a patch without conflict", async () => {
    const { metadata, spec } = await plane.api.get(`/api/v1/nodes/${name}`);
    const { resourceVersion } = metadata;
    const patch = { spec: { taints: change(spec.taints) }, metadata: { resourceVersion, annotations } };
    const answer = await patchNode(aceso, name, patch);
    return answer.status !== 409 && answer;
  });
}

function patchNode(client: ApiClient, name: string, patch: object, query = "") {
  return client.call("PATCH", `/api/v1/nodes/${name}${query}`, patch, { contentType: mergePatch });
}
