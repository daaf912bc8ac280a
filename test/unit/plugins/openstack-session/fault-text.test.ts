import fc from "fast-check";
import { expect, test } from "vitest";
import { faultText } from "../../../../plugins/shared/openstack/fault-text.ts";

const unauthorized = "The request you have made requires authentication.";
const noCluster = "Cluster X could not be found";

test.each([
  [
    "Nova's 404",
    404,
    { itemNotFound: { code: 404, message: "Instance ID could not be found." } },
    "Instance ID could not be found.",
  ],
  [
    "Nova's 400",
    400,
    { badRequest: { code: 400, message: "Cannot find image for rebuild" } },
    "Cannot find image for rebuild",
  ],
  ["Nova's 409", 409, { conflictingRequest: { code: 409, message: "Instance ID is locked" } }, "Instance ID is locked"],
  ["Nova's 403", 403, { forbidden: { code: 403, message: "Policy doesn't allow it." } }, "Policy doesn't allow it."],
  [
    "Nova's 406",
    406,
    { computeFault: { code: 406, message: "Version 2.999 is not supported by the API." } },
    "Version 2.999 is not supported by the API.",
  ],
  [
    "Heat's 404",
    404,
    {
      code: 404,
      title: "Not Found",
      explanation: "The resource could not be found.",
      error: { type: "EntityNotFound", message: "The Stack (x) could not be found.", traceback: null },
    },
    "The Stack (x) could not be found.",
  ],
  [
    "Heat's explanation alone",
    400,
    { code: 400, title: "Bad Request", explanation: "no", error: { message: "" } },
    "no",
  ],
  [
    "Magnum's 404",
    404,
    { errors: [{ request_id: "", code: "client", status: 404, title: noCluster, detail: noCluster, links: [] }] },
    noCluster,
  ],
  ["Magnum's title alone", 406, { errors: [{ status: 406, title: "Not acceptable", detail: "" }] }, "Not acceptable"],
  ["Keystone's 401", 401, { error: { code: 401, message: unauthorized, title: "Unauthorized" } }, unauthorized],
  [
    "HTML of a proxy",
    502,
    "<html><head><style>p{}</style><title>502 Bad Gateway</title></head>\r\n<body>nginx</body></html>",
    "502 Bad Gateway nginx",
  ],
  [
    "Glance's 404",
    404,
    "404 Not Found\n\nNo image found with ID nope<br /><br />\n",
    "404 Not Found No image found with ID nope",
  ],
  ["a message of nobody we know", 418, { message: "tea" }, "tea"],
])("%s becomes one line", (_name, status, body, words) => {
  expect(faultText({ status, body })).toBe(`status ${status}: ${words}`);
});

test.each([undefined, "", null, 5, true])("of %j only the status is left", (body) => {
  expect(faultText({ status: 500, body })).toBe("status 500");
});

test("secrets in a service's words are covered", () => {
  const body = { error: { message: "no user with password hunter22 and token gAAAA" } };
  expect(faultText({ status: 401, body }, ["hunter22", "gAAAA"])).toBe(
    "status 401: no user with password *** and token ***",
  );
});

test("any body makes one short printable line", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const text = faultText({ status: 500, body });
      expect(text.length).toBeLessThanOrEqual(320);
      expect(text).not.toMatch(/[\n\r]/);
      expect(text.startsWith("status 500")).toBe(true);
    }),
  );
});
