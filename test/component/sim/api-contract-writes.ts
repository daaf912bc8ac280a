import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type ApiObject, mergePatch } from "../../support/api-client.ts";
import { eventually } from "../../support/eventually.ts";
import type { ContractKit } from "./api-contract-kit.ts";

const strategic = "application/strategic-merge-patch+json";
const nodes = "/api/v1/nodes";
const repairs = "/apis/aceso.dev/v1alpha1/noderepairs";
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

/** Concurrency, nodes, deletion and eviction. */
export function describeWrites(kit: ContractKit): void {
  const { fresh, create, newNode, newLease, newRepair, call, patch } = kit;

  describe("optimistic concurrency", () => {
    test.each([mergePatch, strategic])("a %s with an old resourceVersion is a Conflict", async (contentType) => {
      const node = await newNode();
      const path = `${nodes}/${node.metadata.name}`;
      await kit.server().api.patch(path, { metadata: { annotations: { a: "1" } } });
      const { resourceVersion } = node.metadata;
      const answer = await patch(path, { metadata: { resourceVersion, annotations: { a: "2" } } }, contentType);
      expect([answer.status, answer.body.reason]).toEqual([409, "Conflict"]);
      expect(answer.body.message).toBe(
        `Operation cannot be fulfilled on nodes "${node.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    });

    test("a merge patch with another uid is refused with 422", async () => {
      const node = await newNode();
      const answer = await patch(`${nodes}/${node.metadata.name}`, { metadata: { uid: randomUUID() } });
      expect([answer.status, answer.body.reason]).toEqual([422, "Invalid"]);
      expect(answer.body.message).toContain("field is immutable");
    });

    test("a patch that changes nothing keeps the resourceVersion", async () => {
      const repair = await newRepair({ spec: { paused: true } });
      const answer = await patch(`${repairs}/${repair.metadata.name}`, { spec: { paused: true } });
      expect(answer.body.metadata.resourceVersion).toBe(repair.metadata.resourceVersion);
    });

    test("a Lease is updated only with its present resourceVersion, and created only once", async () => {
      const lease = await newLease({ holderIdentity: "a" });
      const path = `${leases}/${lease.metadata.name}`;
      const again = await call("POST", leases, { metadata: { name: lease.metadata.name } });
      const updated = await call("PUT", path, { ...lease, spec: { holderIdentity: "b" } });
      const stale = await call("PUT", path, { ...lease, spec: { holderIdentity: "c" } });
      const { resourceVersion: _, ...metadata } = lease.metadata;
      const blind = await call("PUT", path, { ...lease, metadata });
      const codes = [again, updated, stale, blind].map((one) => [one.status, one.body.reason]);
      expect(codes).toEqual([
        [409, "AlreadyExists"],
        [200, undefined],
        [409, "Conflict"],
        [422, "Invalid"],
      ]);
    });

    test("a PUT of a deleted Lease with its uid is a Conflict", async () => {
      const lease = await newLease();
      await kit.server().api.must("DELETE", `${leases}/${lease.metadata.name}`);
      const answer = await call("PUT", `${leases}/${lease.metadata.name}`, lease);
      expect([answer.status, answer.body.reason]).toEqual([409, "Conflict"]);
    });
  });

  describe("nodes", () => {
    const taint = (key: string) => ({ key, value: "x", effect: "PreferNoSchedule" });

    test.each([mergePatch, strategic])("spec.taints is atomic: a %s replaces the whole list", async (contentType) => {
      const node = await newNode();
      const path = `${nodes}/${node.metadata.name}`;
      await patch(path, { spec: { taints: [taint("first")] } }, contentType);
      const answer = await patch(path, { spec: { taints: [taint("second")] } }, contentType);
      expect(answer.body.spec.taints.map((one: ApiObject) => one.key)).toEqual(["second"]);
    });

    test("two taints of one key and effect are refused", async () => {
      const node = await newNode();
      const answer = await patch(`${nodes}/${node.metadata.name}`, {
        spec: { taints: [taint("same"), taint("same")] },
      });
      expect([answer.status, answer.body.reason]).toEqual([422, "Invalid"]);
      expect(answer.body.message).toContain("taints must be unique by key and effect pair");
    });

    test("status moves only on /status, where strategic patches merge conditions by type", async () => {
      const node = await newNode();
      const path = `${nodes}/${node.metadata.name}`;
      const condition = (type: string, status: string) => ({ type, status, reason: "Test", message: "" });
      const main = await patch(path, { status: { conditions: [condition("A", "True")] } });
      const wrong = (main.body.status?.conditions ?? []).filter((one: ApiObject) => one.type === "A");
      await patch(
        `${path}/status`,
        { status: { conditions: [condition("A", "True"), condition("B", "True")] } },
        strategic,
      );
      const answer = await patch(`${path}/status`, { status: { conditions: [condition("A", "False")] } }, strategic);
      const seen = answer.body.status.conditions.map((one: ApiObject) => `${one.type}=${one.status}`);
      expect(wrong).toEqual([]);
      expect(seen).toEqual(expect.arrayContaining(["A=False", "B=True"]));
    });

    test("what is not there is a NotFound that names it", async () => {
      const answer = await call("GET", `${nodes}/contract-nope`);
      expect(answer.body).toEqual({
        ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "NotFound", code: 404 },
        message: 'nodes "contract-nope" not found',
        details: { name: "contract-nope", kind: "nodes" },
      });
    });

    test("dryRun=All answers as if done and does nothing", async () => {
      const node = await newNode();
      const path = `${nodes}/${node.metadata.name}`;
      const answer = await patch(`${path}?dryRun=All`, { metadata: { annotations: { tried: "yes" } } });
      const after = await kit.server().api.get(path);
      expect([answer.body.metadata.annotations?.tried, after.metadata.annotations?.tried]).toEqual(["yes", undefined]);
    });
  });

  describe("deletion", () => {
    test("preconditions on uid and resourceVersion are Conflicts", async () => {
      const node = await newNode();
      const path = `${nodes}/${node.metadata.name}`;
      const uid = await call("DELETE", path, { preconditions: { uid: randomUUID() } });
      const version = await call("DELETE", path, { preconditions: { resourceVersion: "1" } });
      expect([uid, version].map((one) => [one.status, one.body.reason])).toEqual([
        [409, "Conflict"],
        [409, "Conflict"],
      ]);
      expect(uid.body.message).toContain("does not match the UID in record");
      const right = await call("DELETE", path, { preconditions: { uid: node.metadata.uid } });
      expect([right.status, right.body.status]).toEqual([200, "Success"]);
      expect((await call("GET", path)).status).toBe(404);
    });

    test("a pod that is bound stays Terminating until it is deleted with grace 0", async () => {
      const pod = await newPod();
      const path = `${pods}/${pod.metadata.name}`;
      const first = await call("DELETE", path);
      const still = await kit.server().api.get(path);
      expect([first.status, still.metadata.deletionGracePeriodSeconds]).toEqual([200, 30]);
      expect(still.metadata.deletionTimestamp).toMatch(/Z$/);
      const wrong = await call("DELETE", path, { gracePeriodSeconds: 0, preconditions: { uid: randomUUID() } });
      const right = await call("DELETE", path, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
      expect([wrong.status, right.status, (await call("GET", path)).status]).toEqual([409, 200, 404]);
    });
  });

  const newPod = async (labels: Record<string, string> = {}): Promise<ApiObject> => {
    const node = await newNode();
    const spec = {
      nodeName: node.metadata.name,
      containers: [{ name: "main", image: "none" }],
      tolerations: [{ operator: "Exists" }],
    };
    return create(pods, {
      metadata: { name: fresh("pod"), labels },
      spec: { ...spec, automountServiceAccountToken: false },
    });
  };
  const makeReady = async (pod: ApiObject): Promise<void> => {
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await kit.server().api.patch(`${pods}/${pod.metadata.name}/status`, { status }, { contentType: strategic });
  };

  describe("eviction", () => {
    const evict = (pod: ApiObject, deleteOptions?: ApiObject) =>
      call("POST", `${pods}/${pod.metadata.name}/eviction`, {
        ...{ apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod.metadata.name } },
        ...(deleteOptions === undefined ? {} : { deleteOptions }),
      });

    test("is accepted, also twice, and is a deletion with the pod's own grace", async () => {
      const pod = await newPod();
      await makeReady(pod);
      const first = await evict(pod);
      const second = await evict(pod);
      const after = await kit.server().api.get(`${pods}/${pod.metadata.name}`);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(first.body).toEqual({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
      expect(after.metadata.deletionGracePeriodSeconds).toBe(30);
    });

    test("of a missing pod is a NotFound", async () => {
      expect((await evict({ metadata: { name: "contract-nope" } })).status).toBe(404);
    });

    test("against a disruption budget is 429 with its reason", async () => {
      const labels = { guarded: fresh("label") };
      const pod = await newPod(labels);
      await makeReady(pod);
      await create(budgets, {
        metadata: { name: fresh("budget") },
        spec: { minAvailable: 1, selector: { matchLabels: labels } },
      });
      const blocked = await eventually("the budget to be counted", async () => {
        // the node controller calls pods unready again whose node sends no heartbeats
        await makeReady(pod);
        const answer = await evict(pod, { dryRun: ["All"] });
        return answer.body.details?.causes?.[0]?.message.includes("needs 1 healthy pods and has 1") && answer;
      });
      expect([blocked.status, blocked.body.reason, blocked.body.message]).toEqual([
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
      ]);
      expect(blocked.body.details.causes[0].reason).toBe("DisruptionBudget");
    });
  });
}
