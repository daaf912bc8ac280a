import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { http, type Json } from "../openstack-http.ts";
import type { ContractKit } from "./kit.ts";
import { idsOf, nestedPath, serverRows, stackOf, stackPath } from "./stack.ts";
import type { AddTest } from "./tests.ts";

export function heatContract(add: AddTest, kit: ContractKit): void {
  add("a stack that is named by its id or name alone is a 302 to the full path, also for PATCH", async () => {
    const session = await kit.session();
    const { stackId } = await kit.cluster();
    const path = await stackPath(session, stackId);
    expect(path).toMatch(new RegExp(`^/stacks/[^/]+/${stackId}$`));
    const name = path.split("/")[2] ?? "";
    for (const [method, short, tail] of [
      ["GET", `/stacks/${name}`, ""],
      ["GET", `/stacks/${stackId}/resources`, "/resources"],
      ["PATCH", `/stacks/${stackId}`, ""],
    ] as const) {
      const answer = await session.heat(method, short, method === "PATCH" ? {} : undefined);
      expect([answer.status, answer.headers.get("location")]).toEqual([
        302,
        session.url("orchestration") + path + tail,
      ]);
      expect(answer.body).toBeUndefined();
    }
    const stack = await stackOf(session, path);
    expect(stack).toMatchObject({ id: stackId, stack_name: name, stack_status: "CREATE_COMPLETE" });
  });

  add("what Heat does not know is 404 and tells of which kind it was; another project is 403", async () => {
    const session = await kit.session();
    const path = await stackPath(session, (await kit.cluster()).stackId);
    const mark = { mark_unhealthy: true };
    const name = path.split("/")[2];
    for (const [method, wrong, type, body] of [
      ["GET", "/stacks/nope", "EntityNotFound", undefined],
      ["GET", `/stacks/${name}/${randomUUID()}`, "EntityNotFound", undefined],
      ["PATCH", `/stacks/${name}/${randomUUID()}/resources/x`, "EntityNotFound", mark],
      // a nested resource is not found in the root stack
      ["PATCH", `${path}/resources/kube-minion`, "ResourceNotFound", mark],
    ] as const) {
      const answer = await session.heat(method, wrong, body);
      const error = { type, message: expect.stringMatching(/could not be found/) };
      expect([answer.status, answer.body]).toMatchObject([404, { code: 404, title: "Not Found", error }]);
    }
    const elsewhere = session.url("orchestration").replace(session.account.projectId, "0".repeat(32));
    expect((await http("GET", `${elsewhere}/stacks`, { token: session.token })).status).toBe(403);
  });

  add("a stack's servers are rows with index, id and own stack; more comes through the filter", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { uuid, stackId } = await kit.cluster();
    const path = await stackPath(session, stackId);
    const { body } = await session.heat("GET", `${path}/resources?nested_depth=2&type=OS::Nova::Server`);
    const types = new Set(body.resources.map((row: Json) => row.resource_type));
    expect([...types].sort()).toEqual(["OS::Nova::Server", "OS::Nova::ServerGroup"]);
    const rows = await serverRows(session, path);
    const { masters, workers } = await cloud.cluster(uuid);
    expect(idsOf(rows)).toEqual({
      "kube-master 0": masters[0]?.id,
      "kube-minion 0": workers[0]?.id,
      "kube-minion 1": workers[1]?.id,
    });
    for (const row of rows) {
      expect(row.resource_status).toBe("CREATE_COMPLETE");
      const nested = nestedPath(row);
      expect(nested).not.toBe(path);
      const own = (await session.heat("GET", `${nested}/resources/${row.resource_name}`)).body.resource;
      expect(own.physical_resource_id).toBe(row.physical_resource_id);
    }
  });

  add("a server is marked by name or id in its own stack: 200 and null", async () => {
    const session = await kit.session();
    const path = await stackPath(session, (await kit.cluster()).stackId);
    const row = (await serverRows(session, path)).find((it) => it.resource_name === "kube-master");
    const own = `${nestedPath(row)}/resources`;
    for (const name of ["kube-master", row.physical_resource_id]) {
      const mark = { mark_unhealthy: true, resource_status_reason: "contract" };
      const marked = await session.heat("PATCH", `${own}/${name}`, mark);
      expect([marked.status, marked.text.trim()]).toEqual([200, "null"]);
      const { resource } = (await session.heat("GET", `${own}/kube-master`)).body;
      expect([resource.resource_status, resource.resource_status_reason]).toEqual(["CHECK_FAILED", "contract"]);
      expect((await session.heat("PATCH", `${own}/${name}`, { mark_unhealthy: false })).status).toBe(200);
      const healed = (await session.heat("GET", `${own}/kube-master`)).body.resource;
      expect(healed.resource_status).toBe("CHECK_COMPLETE");
    }
    expect((await session.heat("PATCH", `${own}/kube-master`, {})).status).toBe(400);
    expect((await session.heat("PATCH", `${own}/nope`, { mark_unhealthy: true })).status).toBe(404);
  });
}
