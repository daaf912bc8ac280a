import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLoopback } from "../../../src/util/loopback.ts";
import { loadText, problemsOf } from "../../support/config-loading.ts";

const base = "cloud-provider: none\n";
const files = "certificate-file: /tls/tls.crt, key-file: /tls/tls.key";
const withHttp = (keys: string) => `${base}http: {${keys}}\n`;
const warningsOf = (keys: string) => loadText(withHttp(keys)).warnings.filter((it) => it.includes("http."));

test.each(["0.0.0.0:8081", ":8081", "[::]:8081", "aceso.example:8081"])(
  "with a certificate %s speaks TLS, also to those who call it over loopback",
  (address) => {
    const read = (keys: string) => loadText(withHttp(`pages: "${address}"${keys}`)).http.tls;
    expect(read("")).toBeUndefined();
    expect(read(`, ${files}`)).toEqual({ certificateFile: "/tls/tls.crt", keyFile: "/tls/tls.key" });
  },
);

test.each(['"127.0.0.1:8081"', '"[::1]:8081"', '"localhost:8081"', "off"])("%s never speaks TLS", (address) => {
  expect(loadText(withHttp(`pages: ${address}, ${files}`)).http.tls).toBeUndefined();
});

describe("a certificate and its key", () => {
  test.each([
    ["certificate-file: /tls/tls.crt", "2:8 http.certificate-file: needs key-file"],
    ["key-file: /tls/tls.key", "2:8 http.key-file: needs certificate-file"],
    ["certificate-file: '', key-file: /tls/tls.key", "2:30 http.key-file: needs certificate-file"],
  ])("are named together or not at all: %s", (keys, problem) => {
    expect(problemsOf(withHttp(keys))).toContainEqual(expect.stringContaining(problem));
  });
});

describe("pages", () => {
  const openly = expect.stringContaining("travel in clear text");
  const inVain = expect.stringContaining("http.certificate-file: has no effect");
  const host = fc.oneof(
    fc.constantFrom("127.0.0.1", "127.9.9.9", "[::1]", "localhost", "", "0.0.0.0", "[::]", "aceso.example"),
    fc.ipV4(),
    fc.ipV6().map((it) => `[${it}]`),
  );

  test("are warned of exactly where tokens would travel openly, and files where they do nothing", () => {
    const property = fc.property(host, fc.boolean(), fc.boolean(), (name, hasFiles, anyoneMayRead) => {
      const keys = `pages: "${name}:8081", anyone-may-read: ${anyoneMayRead}${hasFiles ? `, ${files}` : ""}`;
      const isOpen = !isLoopback(name === "" ? "0.0.0.0" : name);
      expect(warningsOf(keys)).toEqual(isOpen === hasFiles ? [] : [isOpen ? openly : inVain]);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("that are off need nothing, and make files useless", () => {
    expect(warningsOf("pages: off")).toEqual([]);
    expect(warningsOf(`pages: off, ${files}`)).toEqual([inVain]);
  });
});
