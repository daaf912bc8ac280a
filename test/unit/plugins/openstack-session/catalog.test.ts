import { describe, expect, test } from "vitest";
import type { ServiceType } from "../../../../plugins/shared/openstack/call.ts";
import { urlOf } from "../../../../plugins/shared/openstack/call-url.ts";
import {
  type EndpointChoice,
  endpointOf,
  reachableServices,
  readCatalog,
  versionRootOf,
} from "../../../../plugins/shared/openstack/catalog.ts";

const service = (type: string, url: string, region = "RegionOne") => ({
  type,
  name: type,
  endpoints: ["public", "internal", "admin"].map((side) => ({
    interface: side,
    region,
    region_id: region,
    url: url.replace("HOST", side),
  })),
});
const catalog = readCatalog([
  service("compute", "http://HOST:8774/v2.1"),
  service("orchestration", "http://HOST:8004/v1/PID"),
  service("container-infra", "http://HOST:9511/v1/"),
  service("block-storage", "http://HOST:8776/v3/PID"),
  service("image", "http://HOST:9292"),
  service("network", "http://HOST:9696"),
]);
const choice: EndpointChoice = { region: undefined, interface: "public", overrides: {} };
const urlFor = (type: ServiceType, over: Partial<EndpointChoice> = {}) =>
  endpointOf(type, catalog, { ...choice, ...over }, "PID").href;

describe("an endpoint", () => {
  test("is taken by type, interface and region", () => {
    expect(urlFor("compute", { region: "RegionOne", interface: "internal" })).toBe("http://internal:8774/v2.1");
    expect(urlFor("orchestration")).toBe("http://public:8004/v1/PID");
    expect(urlFor("container-infra")).toBe("http://public:9511/v1");
  });

  test("is found under another name of its service", () => {
    expect(urlFor("volumev3")).toBe("http://public:8776/v3/PID");
  });

  test("without a version gets it, so that paths are the same everywhere", () => {
    expect(urlFor("image")).toBe("http://public:9292/v2");
    expect(urlFor("compute", { overrides: { compute: "https://nova.example/compute/" } })).toBe(
      "https://nova.example/compute/v2.1",
    );
    expect(urlFor("orchestration", { overrides: { orchestration: "https://heat.example" } })).toBe(
      "https://heat.example/v1/PID",
    );
  });

  test("is the override where there is one, with the project filled in", () => {
    const overrides = { "block-storage": "https://c.example/v3/%(project_id)s" };
    expect(urlFor("volumev3", { overrides, region: "RegionOne" })).toBe("https://c.example/v3/PID");
  });

  test("that is not there is named with what is", () => {
    const onlyAdmin = readCatalog([
      { type: "compute", endpoints: [{ interface: "admin", region: "R", url: "http://a" }] },
    ]);
    expect(() => endpointOf("compute", onlyAdmin, choice, "PID")).toThrow(
      "the catalog has no public endpoint of compute; it has admin in R; see openstack.os-endpoint-type and openstack.endpoint-overrides",
    );
    expect(() => endpointOf("orchestration", onlyAdmin, choice, "PID")).toThrow("no public endpoint of orchestration;");
  });

  test("with credentials in its address is refused without showing it", () => {
    const read = () => urlFor("compute", { overrides: { compute: "https://u:hunter22@nova" } });
    expect(read).toThrow("the endpoint of compute is no http or https address without user and password");
  });
});

describe("regions", () => {
  const two = readCatalog([service("compute", "http://one"), service("compute", "http://two", "RegionTwo")]);

  test("must be chosen where there are several", () => {
    expect(() => endpointOf("compute", two, choice, "PID")).toThrow(
      "openstack.region: missing: the catalog has the regions RegionOne, RegionTwo",
    );
    expect(() => reachableServices(two, choice)).toThrow("RegionOne, RegionTwo");
    expect(endpointOf("compute", two, { ...choice, region: "RegionTwo" }, "PID").host).toBe("two");
  });

  test("that are not there are refused with those that are", () => {
    expect(() => reachableServices(two, { ...choice, region: "Mars" })).toThrow(
      "openstack.region: Mars is not in the catalog, which has RegionOne, RegionTwo",
    );
  });
});

test("services are listed under the catalog's names and ours, overrides too", () => {
  const found = reachableServices(readCatalog([service("block-storage", "http://c"), service("network", "http://n")]), {
    ...choice,
    overrides: { compute: "http://nova" },
  });
  expect([...found].sort()).toEqual(["block-storage", "compute", "network", "volumev3"]);
});

test.each([undefined, null, "x", [5], [{}], [{ type: "compute", endpoints: [{ url: 5, interface: "public" }] }]])(
  "a catalog of %j is empty",
  (value) => {
    expect(readCatalog(value)).toEqual([]);
  },
);

describe("the address of a call", () => {
  const heat = new URL("https://internal:8004/heat/v1/PID");
  const at = (path: string, query?: Record<string, string>) =>
    urlOf(heat, { service: "orchestration", path, ...(query && { query }) }).href;

  test("is below the endpoint, with the query after it", () => {
    expect(at("/stacks/a/b", { nested_depth: "2", type: "OS::Nova::Server" })).toBe(
      "https://internal:8004/heat/v1/PID/stacks/a/b?nested_depth=2&type=OS%3A%3ANova%3A%3AServer",
    );
    expect(at("stacks?x=1", { y: "2" })).toBe("https://internal:8004/heat/v1/PID/stacks?x=1&y=2");
  });

  test.each([
    "https://internal:8004/heat/v1/PID/stacks/n/i",
    "http://public.example/v1/PID/stacks/n/i",
    "http://public.example/orchestration/v1/PID/stacks/n/i",
  ])("of a link %s is asked of our own endpoint", (link) => {
    expect(at(link)).toBe("https://internal:8004/heat/v1/PID/stacks/n/i");
  });

  test.each(["https://elsewhere/other/thing", "https://internal:8004/heat/v1/OTHER/stacks", "/../../v1/OTHER/stacks"])(
    "%s is not one: no token goes there",
    (path) => {
      expect(() => at(path)).toThrow("is not an address of orchestration: nothing was sent there");
    },
  );

  test("of a version ends where the version does", () => {
    expect(versionRootOf(heat).pathname).toBe("/heat/v1/");
    expect(versionRootOf(new URL("http://n:8774/v2.1")).pathname).toBe("/v2.1/");
  });
});
