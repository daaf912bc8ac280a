import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import type { ContractKit } from "./api-contract-kit.ts";

const strategic = "application/strategic-merge-patch+json";
const nodes = "/api/v1/nodes";
const repairs = "/apis/aceso.dev/v1alpha1/noderepairs";
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const events = "/apis/events.k8s.io/v1/namespaces/default/events";

/** Custom resources, times, events, lists and watches. */
export function describeReads(kit: ContractKit): void {
  const { fresh, create, newLease, newRepair, call, patch } = kit;

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
      const first = await kit.server().api.get(`${nodes}?${query}`);
      await create(nodes, { metadata: { name: fresh("page-9"), labels }, spec: { unschedulable: true } });
      const second = await kit
        .server()
        .api.get(`${nodes}?${query}&continue=${encodeURIComponent(first.metadata.continue)}`);
      const seen = [...first.items, ...second.items].map((one: ApiObject) => one.metadata.name);
      expect(seen).toEqual(names);
      expect(second.metadata.continue ?? "").toBe("");
      const one = await kit.server().api.get(`${nodes}?fieldSelector=metadata.name%3D${names[1]}`);
      expect(one.items.map((item: ApiObject) => item.metadata.name)).toEqual([names[1]]);
    });

    test("from a resourceVersion of the future are a Timeout with Retry-After", async () => {
      const { metadata } = await kit.server().api.get(`${nodes}?limit=1`);
      const answer = await call("GET", `${nodes}?resourceVersion=${Number(metadata.resourceVersion) + 1_000_000}`);
      expect([answer.status, answer.body.reason]).toEqual([504, "Timeout"]);
    });
  });

  describe("watches", () => {
    const collect = async (path: string, isEnough = (_: readonly ApiObject[]) => false): Promise<ApiObject[]> => {
      const seen: ApiObject[] = [];
      for await (const one of kit.server().api.watch(path, new AbortController().signal)) {
        seen.push(one);
        if (isEnough(seen)) break;
      }
      return seen;
    };
    const shortForm = (one: ApiObject) => `${one.type} ${one.object.metadata.name}`;

    test("tell of every change since a version, and of objects that leave the selection as deleted", async () => {
      const labels = { watched: fresh("label") };
      const { metadata } = await kit.server().api.get(`${repairs}?limit=1`);
      const a = await newRepair({ metadata: { name: fresh("a"), labels } });
      const b = await newRepair({ metadata: { name: fresh("b"), labels } });
      await kit.server().api.patch(`${repairs}/${a.metadata.name}`, { spec: { paused: true } });
      await kit.server().api.patch(`${repairs}/${b.metadata.name}`, { metadata: { labels: null } });
      await kit.server().api.must("DELETE", `${repairs}/${a.metadata.name}`);
      const query = `watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=30&labelSelector=watched%3D${labels.watched}`;
      const seen = await collect(`${repairs}?${query}`, ({ length }) => length === 5);
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
      const query = `fieldSelector=metadata.name%3D${lease.metadata.name}&timeoutSeconds=30&allowWatchBookmarks=true`;
      const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
      const seen = await collect(`${leases}?watch=1&${query}&${initial}`, ({ length }) => length === 2);
      expect(seen[0] && shortForm(seen[0])).toBe(`ADDED ${lease.metadata.name}`);
      expect(seen[1].type).toBe("BOOKMARK");
      expect(seen[1].object.metadata.annotations["k8s.io/initial-events-end"]).toBe("true");
    });

    test("from the future are silent until their time is over", async () => {
      const { metadata } = await kit.server().api.get(`${repairs}?limit=1`);
      const future = Number(metadata.resourceVersion) + 1_000_000;
      const watching = collect(`${repairs}?watch=1&resourceVersion=${future}&timeoutSeconds=2`);
      await newRepair();
      expect(await watching).toEqual([]);
    });

    test("from a version that is forgotten are 200 and one ERROR event with code 410", async (context) => {
      if (kit.server().compact === undefined) return context.skip();
      const repair = await newRepair();
      await newRepair();
      await kit.server().compact?.();
      const seen = await collect(
        `${repairs}?watch=1&resourceVersion=${repair.metadata.resourceVersion}&timeoutSeconds=5`,
      );
      expect(seen.map((one) => [one.type, one.object.code, one.object.reason])).toEqual([["ERROR", 410, "Expired"]]);
      expect(seen[0].object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
    });
  });

  test("answers what it is, whether it is ready, and what one may do", async () => {
    const version = await kit.server().api.get("/version");
    const ready = await call("GET", "/readyz");
    const review = await kit.server().api.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
      spec: { resourceAttributes: { verb: "patch", resource: "nodes" } },
    });
    expect(version.gitVersion).toMatch(/^v1\.\d+\./);
    expect([ready.status, ready.body, review.status.allowed]).toEqual([200, "ok", true]);
  });

  test("knows nobody by a token that it did not give, and lets nobody do anything", async () => {
    const { api } = kit.server();
    const whose = await api.must("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
      ...{ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview" },
      spec: { token: "nobodys" },
    });
    const may = await api.must("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview" },
      spec: { user: "nobody", nonResourceAttributes: { verb: "get", path: "/aceso/status-page" } },
    });
    expect([whose.status.authenticated ?? false, may.status.allowed]).toEqual([false, false]);
  });
}
