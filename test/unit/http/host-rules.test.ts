import { expect, test } from "vitest";
import { isCrossSite, isOwnHost } from "../../../src/http/host-rules.ts";

test("beyond loopback an address is a name of its own, since it cannot be bound to another; a foreign name is not", () => {
  expect(isOwnHost("10.0.0.7:8081", "0.0.0.0", [])).toBe(true);
  expect(isOwnHost("[fd00::7]:8081", "::", [])).toBe(true);
  expect(isOwnHost("evil.example", "0.0.0.0", [])).toBe(false);
  expect(isOwnHost("Aceso.Example:443", "0.0.0.0", ["aceso.example"])).toBe(true);
  expect(isOwnHost("10.0.0.7", "127.0.0.1", [])).toBe(false);
});

test.each([undefined, "", "localhost:8081:1", "local host", "localhost/", "@localhost", "localhost:x", "[::1", "::1"])(
  "a Host that is none is no name of ours: %s",
  (host) => {
    expect(isOwnHost(host, "127.0.0.1", [])).toBe(false);
  },
);

test.each([
  ["nothing is said", {}, false],
  ["the page's own", { origin: "http://localhost:8081" }, false],
  ["the page's own behind a proxy with TLS", { host: "aceso.example", origin: "https://aceso.example" }, false],
  ["the page's own over TLS", { origin: "https://localhost:8081", isTls: true }, false],
  ["the same name without TLS", { origin: "http://localhost:8081", isTls: true }, true],
  ["another port", { origin: "http://localhost:9" }, true],
  ["another host", { origin: "http://evil.example" }, true],
  ["a sandboxed frame", { origin: "null" }, true],
  ["what is no origin", { origin: "localhost:8081" }, true],
  ["the browser says same-site", { site: "same-site" }, true],
  ["the browser says cross-site", { site: "cross-site" }, true],
  ["typed by hand", { site: "none" }, false],
  ["the page's own, by the browser's word", { site: "same-origin", origin: "http://localhost:8081" }, false],
])("an origin is another or not: %s", (_, claims, expected) => {
  expect(isCrossSite({ host: "localhost:8081", origin: undefined, site: undefined, isTls: false, ...claims })).toBe(
    expected,
  );
});
