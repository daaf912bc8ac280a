import { expect, test } from "vitest";
import { wordOf } from "../../demo/cloud-words.ts";
import type { SeenCall } from "../../support/openstack-cloud.ts";

const nameOf = (id: string) => (id === "id-1" ? "k8s-node-0" : id);

function call(said: Partial<SeenCall>): SeenCall {
  return { service: "nova", method: "POST", path: "/", body: "", status: 202, ...said };
}

test("an act is told with the server's name and the answer", () => {
  const start = call({ path: "/v2.1/servers/id-1/action", body: '{"os-start":null}', status: 409 });
  expect(wordOf(start, nameOf)).toBe("os-start of k8s-node-0: 409");
});

test.each([
  ["HEALTHY", "{}", "HEALTHY"],
  ["UNHEALTHY", "{'n.Ready': 'False'}", "UNHEALTHY {'n.Ready': 'False'}"],
])("a report of %s is told, with what ails", (status, reason, told) => {
  const steps = [
    { op: "replace", path: "/health_status", value: status },
    { op: "replace", path: "/health_status_reason", value: reason },
  ];
  const report = call({ service: "magnum", method: "PATCH", path: "/v1/clusters/c", body: JSON.stringify(steps) });
  expect(wordOf(report, nameOf)).toBe(`the cluster's health_status becomes ${told}: 202`);
});

test("reads and logins are not told", () => {
  expect(wordOf(call({ method: "GET", path: "/v2.1/servers/id-1" }), nameOf)).toBeUndefined();
  expect(wordOf(call({ service: "keystone", path: "/v3/auth/tokens", status: 201 }), nameOf)).toBeUndefined();
});
