import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, type ApiObject, mergePatch } from "../../support/api-client.ts";
import { eventually } from "../../support/eventually.ts";

/** A server under test. */
export interface ContractServer {
  /** As cluster-admin. */
  readonly api: ApiClient;
  /** Makes the server forget the changes that watches begin from; tests that need it are left out where it is absent. */
  readonly compact?: () => Promise<void>;
  close(): Promise<void>;
}

const strategic = "application/strategic-merge-patch+json";
const nodes = "/api/v1/nodes";
const repairs = "/apis/aceso.dev/v1alpha1/noderepairs";
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const events = "/apis/events.k8s.io/v1/namespaces/default/events";

/**
 * What Aceso relies on of an API server. The simulator and a real server both pass it; the real one needs the CRDs and a
 * running controller manager (for budgets). Objects have names of their own, so that it runs beside other tests.
 */
export function describeApiContract(name: string, connect: () => Promise<ContractServer>): void {
  describe(`${name} as an API server`, () => {
    let server: ContractServer;
    const made: string[] = [];
    beforeAll(async () => {
      server = await connect();
    });
    afterAll(async () => {
      for (const path of made) await server.api.call("DELETE", path, { gracePeriodSeconds: 0 });
      await server.close();
    });

    const fresh = (what: string) => `contract-${what}-${randomUUID().slice(0, 8)}`;
    const create = async (path: string, body: ApiObject): Promise<ApiObject> => {
      const object = await server.api.must("POST", path, body);
      made.push(`${path}/${object.metadata.name}`);
      return object;
    };
    const newNode = () => create(nodes, { metadata: { name: fresh("node") }, spec: { unschedulable: true } });
    const newLease = (spec: ApiObject = {}) => create(leases, { metadata: { name: fresh("lease") }, spec });
    const newRepair = (body: ApiObject = {}) =>
      create(repairs, {
        apiVersion: "aceso.dev/v1alpha1",
        kind: "NodeRepair",
        metadata: { name: fresh("repair") },
        ...body,
      });
    const call = (method: string, path: string, body?: unknown, contentType?: string) =>
      server.api.call(method, path, body, contentType === undefined ? {} : { contentType });
    const patch = (path: string, body: unknown, contentType = mergePatch) => call("PATCH", path, body, contentType);

    describe("optimistic concurrency", () => {
      test.each([mergePatch, strategic])("a %s with an old resourceVersion is a Conflict", async (contentType) => {
        const node = await newNode();
        const path = `${nodes}/${node.metadata.name}`;
        await server.api.patch(path, { metadata: { annotations: { a: "1" } } });
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
        await server.api.must("DELETE", `${leases}/${lease.metadata.name}`);
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
        const after = await server.api.get(path);
        expect([answer.body.metadata.annotations?.tried, after.metadata.annotations?.tried]).toEqual([
          "yes",
          undefined,
        ]);
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
        const still = await server.api.get(path);
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
      await server.api.patch(`${pods}/${pod.metadata.name}/status`, { status }, { contentType: strategic });
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
        const after = await server.api.get(`${pods}/${pod.metadata.name}`);
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

    describe("custom resources", () => {
      test("status is ignored on creation and on the object, and is all that moves on /status", async () => {
        const repair = await newRepair({ spec: { reason: "x" }, status: { phase: "Held" } });
        const path = `${repairs}/${repair.metadata.name}`;
        const main = await patch(path, { status: { phase: "Held" }, spec: { paused: true } });
        const status = await patch(`${path}/status`, {
          metadata: { annotations: { a: "1" } },
          status: { phase: "Cordoning" },
          spec: { paused: false },
        });
        expect([repair.status, main.body.status, main.body.metadata.generation]).toEqual([undefined, undefined, 2]);
        expect(status.body).toMatchObject({
          spec: { paused: true },
          status: { phase: "Cordoning" },
          metadata: { generation: 2 },
        });
        expect(status.body.metadata.annotations).toBeUndefined();
      });

      test("a stale status patch is a Conflict", async () => {
        const repair = await newRepair();
        const path = `${repairs}/${repair.metadata.name}/status`;
        const { resourceVersion } = repair.metadata;
        const first = await patch(path, { metadata: { resourceVersion }, status: { phase: "Cordoning" } });
        const second = await patch(path, { metadata: { resourceVersion }, status: { phase: "Draining" } });
        expect([first.status, second.status, second.body.reason]).toEqual([200, 409, "Conflict"]);
      });

      test("lose unknown fields of a closed part and keep those of an open one", async () => {
        const repair = await newRepair({ spec: { reason: "x", nonsense: 1 } });
        const path = `${repairs}/${repair.metadata.name}/status`;
        const answer = await patch(path, { status: { phase: "Cordoning", ofTheFuture: { a: 1 } } });
        expect([repair.spec, answer.body.status.ofTheFuture]).toEqual([{ reason: "x" }, { a: 1 }]);
      });

      test.each([
        ["a wrong type", { spec: { paused: "yes" } }, "spec.paused"],
        ["a value that is not offered", { spec: { request: { id: "1", kind: "explode" } } }, "spec.request.kind"],
        ["a required field missing", { spec: { request: { id: "1" } } }, "spec.request.kind"],
        ["a text too long", { spec: { reason: "x".repeat(1_025) } }, "spec.reason"],
      ])("with %s are refused with 422 and the field", async (_what, body, field) => {
        const answer = await call("POST", repairs, {
          ...{ apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name: fresh("bad") } },
          ...body,
        });
        expect([answer.status, answer.body.reason]).toEqual([422, "Invalid"]);
        expect(answer.body.message).toMatch(
          new RegExp(`^NodeRepair.aceso.dev "contract-bad-.*" is invalid: .*${field}`, "s"),
        );
      });

      test("know no strategic merge patch", async () => {
        const repair = await newRepair();
        expect((await patch(`${repairs}/${repair.metadata.name}`, { spec: {} }, strategic)).status).toBe(415);
      });
    });

    describe("MicroTime", () => {
      test.each(["2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789Z"])(
        "%s is refused with 400",
        async (renewTime) => {
          const answer = await call("POST", leases, { metadata: { name: fresh("lease") }, spec: { renewTime } });
          expect([answer.status, answer.body.reason]).toEqual([400, "BadRequest"]);
        },
      );

      test("six digits are kept", async () => {
        const lease = await newLease({ renewTime: "2026-01-02T03:04:05.123456Z" });
        expect(lease.spec.renewTime).toBe("2026-01-02T03:04:05.123456Z");
      });
    });

    describe("events", () => {
      const event = (change: ApiObject = {}) => ({
        metadata: { name: fresh("event") },
        eventTime: "2026-01-02T03:04:05.123456Z",
        ...{ reportingController: "aceso.dev/aceso", reportingInstance: "a", action: "Testing", reason: "Tested" },
        ...{ type: "Normal", note: "contract", regarding: { apiVersion: "v1", kind: "Node", name: "n1" } },
        ...change,
      });

      test("about a Node are taken in the namespace default", async () => {
        const made = await create(events, event());
        expect(made.regarding.name).toBe("n1");
      });

      test.each([
        ["a namespace other than default and kube-system", "kube-public", {}, 422],
        ["three digits", "default", { eventTime: "2026-01-02T03:04:05.123Z" }, 400],
        ["no action", "default", { action: "" }, 422],
        ["a note of 1,025 characters", "default", { note: "x".repeat(1_025) }, 422],
      ])("with %s are refused", async (_what, namespace, change, code) => {
        const path = events.replace("namespaces/default", `namespaces/${namespace}`);
        expect((await call("POST", path, event(change))).status).toBe(code);
      });
    });

    describe("lists", () => {
      test("come in pages that show one moment, with selectors", async () => {
        const labels = { page: fresh("label") };
        const names: string[] = [];
        for (let at = 0; at < 3; at += 1) {
          const node = await create(nodes, {
            metadata: { name: fresh(`page-${at}`), labels },
            spec: { unschedulable: true },
          });
          names.push(node.metadata.name);
        }
        const query = `labelSelector=page%3D${labels.page}&limit=2`;
        const first = await server.api.get(`${nodes}?${query}`);
        await create(nodes, { metadata: { name: fresh("page-9"), labels }, spec: { unschedulable: true } });
        const second = await server.api.get(
          `${nodes}?${query}&continue=${encodeURIComponent(first.metadata.continue)}`,
        );
        const seen = [...first.items, ...second.items].map((one: ApiObject) => one.metadata.name);
        expect(seen).toEqual(names);
        expect(second.metadata.continue ?? "").toBe("");
        const one = await server.api.get(`${nodes}?fieldSelector=metadata.name%3D${names[1]}`);
        expect(one.items.map((item: ApiObject) => item.metadata.name)).toEqual([names[1]]);
      });

      test("from a resourceVersion of the future are a Timeout with Retry-After", async () => {
        const { metadata } = await server.api.get(`${nodes}?limit=1`);
        const answer = await call("GET", `${nodes}?resourceVersion=${Number(metadata.resourceVersion) + 1_000_000}`);
        expect([answer.status, answer.body.reason]).toEqual([504, "Timeout"]);
      });
    });

    describe("watches", () => {
      const collect = async (path: string): Promise<ApiObject[]> => {
        const seen: ApiObject[] = [];
        for await (const one of server.api.watch(path, new AbortController().signal)) seen.push(one);
        return seen;
      };
      const shortForm = (one: ApiObject) => `${one.type} ${one.object.metadata.name}`;

      test("tell of every change since a version, and of objects that leave the selection as deleted", async () => {
        const labels = { watched: fresh("label") };
        const { metadata } = await server.api.get(`${repairs}?limit=1`);
        const a = await newRepair({ metadata: { name: fresh("a"), labels } });
        const b = await newRepair({ metadata: { name: fresh("b"), labels } });
        await server.api.patch(`${repairs}/${a.metadata.name}`, { spec: { paused: true } });
        await server.api.patch(`${repairs}/${b.metadata.name}`, { metadata: { labels: null } });
        await server.api.must("DELETE", `${repairs}/${a.metadata.name}`);
        const query = `watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1&labelSelector=watched%3D${labels.watched}`;
        const seen = await collect(`${repairs}?${query}`);
        const [x, y] = [a.metadata.name, b.metadata.name];
        expect(seen.map(shortForm)).toEqual([
          `ADDED ${x}`,
          `ADDED ${y}`,
          `MODIFIED ${x}`,
          `DELETED ${y}`,
          `DELETED ${x}`,
        ]);
        const versions = seen.map((one) => Number(one.object.metadata.resourceVersion));
        expect(versions).toEqual([...versions].sort((left, right) => left - right));
      });

      test("of one name with initial events end them with a marked bookmark", async () => {
        const lease = await newLease();
        const query = `fieldSelector=metadata.name%3D${lease.metadata.name}&timeoutSeconds=1&allowWatchBookmarks=true`;
        const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
        const seen = await collect(`${leases}?watch=1&${query}&${initial}`);
        expect(seen[0] && shortForm(seen[0])).toBe(`ADDED ${lease.metadata.name}`);
        expect(seen[1].type).toBe("BOOKMARK");
        expect(seen[1].object.metadata.annotations["k8s.io/initial-events-end"]).toBe("true");
      });

      test("from the future are silent until their time is over", async () => {
        const { metadata } = await server.api.get(`${repairs}?limit=1`);
        const future = Number(metadata.resourceVersion) + 1_000_000;
        const watching = collect(`${repairs}?watch=1&resourceVersion=${future}&timeoutSeconds=2`);
        await newRepair();
        expect(await watching).toEqual([]);
      });

      test("from a version that is forgotten are 200 and one ERROR event with code 410", async (context) => {
        if (server.compact === undefined) return context.skip();
        const repair = await newRepair();
        await newRepair();
        await server.compact();
        const seen = await collect(
          `${repairs}?watch=1&resourceVersion=${repair.metadata.resourceVersion}&timeoutSeconds=5`,
        );
        expect(seen.map((one) => [one.type, one.object.code, one.object.reason])).toEqual([["ERROR", 410, "Expired"]]);
        expect(seen[0].object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
      });
    });

    test("answers what it is, whether it is ready, and what one may do", async () => {
      const version = await server.api.get("/version");
      const ready = await call("GET", "/readyz");
      const review = await server.api.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
        spec: { resourceAttributes: { verb: "patch", resource: "nodes" } },
      });
      expect(version.gitVersion).toMatch(/^v1\.\d+\./);
      expect([ready.status, ready.body, review.status.allowed]).toEqual([200, "ok", true]);
    });
  });
}
