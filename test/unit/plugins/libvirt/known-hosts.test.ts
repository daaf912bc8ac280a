import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findHost, fingerprint, objectionTo } from "../../../../plugins/providers/libvirt/rpc/known-hosts.ts";

/** A key as its line has it; its numbers are of no meaning here. */
function keyLine(type: string, seed: number): string {
  const body = Buffer.alloc(32, seed);
  const field = (data: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, data.length]), data]);
  return `${type} ${Buffer.concat([field(Buffer.from(type)), field(body)]).toString("base64")}`;
}

const one = keyLine("ssh-ed25519", 1);
const two = keyLine("ecdsa-sha2-nistp256", 2);
const blobOf = (line: string) => Buffer.from(line.split(" ")[1] ?? "", "base64");

function hashed(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

const find = (text: string, host = "host-a", port = 22) => findHost(text, "/hosts", host, port);
const judge = (text: string, key = one, takesUnknown = false) => objectionTo(blobOf(key), find(text), takesUnknown);

describe("a line is about a host", () => {
  test.each([
    ["its name", "host-a", "host-a", 22, true],
    ["its name in other letters", "Host-A", "hOST-a", 22, true],
    ["one name of several", "host-b,host-a,10.0.0.1", "host-a", 22, true],
    ["its address", "10.0.0.1", "10.0.0.1", 22, true],
    ["an IPv6 address", "fd00::1", "fd00::1", 22, true],
    ["another name", "host-b", "host-a", 22, false],
    ["a name that begins the same", "host", "host-a", 22, false],
    ["a pattern", "*.example,host-?", "host-a", 22, true],
    ["a pattern that is too short", "host-?", "host-10", 22, false],
    ["a pattern with an exception", "host-*,!host-a", "host-a", 22, false],
    ["a pattern with another exception", "!host-b,host-*", "host-a", 22, true],
    ["nothing but an exception", "!host-b", "host-a", 22, false],
    ["a dot is a dot", "host.a", "host-a", 22, false],
    ["its name and port", "[host-a]:2222", "host-a", 2222, true],
    ["an IPv6 address and port", "[fd00::1]:2222", "fd00::1", 2222, true],
    ["another port", "[host-a]:2223", "host-a", 2222, false],
    ["no port where it is not 22", "host-a", "host-a", 2222, false],
    ["its name, hashed", hashed("host-a"), "HOST-A", 22, true],
    ["another name, hashed", hashed("host-b"), "host-a", 22, false],
    ["its name and port, hashed", hashed("[host-a]:2222"), "host-a", 2222, true],
    ["its name, hashed, on another port", hashed("host-a"), "host-a", 2222, false],
    ["a hash of the future", hashed("host-a").replace("|1|", "|2|"), "host-a", 22, false],
  ])("%s: %s for %s, port %i", (_, hosts, host, port, isFound) => {
    const { keys } = find(`# a comment\n\n${hosts} ${one} of a person\r\n`, host, port);
    expect(keys.map(({ blob }) => blob)).toEqual(isFound ? [blobOf(one)] : []);
  });

  test("by any list of patterns of which one fits and no exception does", () => {
    const part = fc.stringMatching(/^[a-c.*?]{1,6}$/);
    const patterns = fc.array(fc.tuple(fc.boolean(), part), { minLength: 1, maxLength: 3 });
    const name = fc.stringMatching(/^[a-c][a-c.]{0,5}$/);
    fc.assert(
      fc.property(patterns, name, (list, host) => {
        const hosts = list.map(([isException, text]) => `${isException ? "!" : ""}${text}`);
        const positive = list.filter(([isException]) => !isException).map(([, text]) => text);
        const exceptions = list.filter(([isException]) => isException).map(([, text]) => text);
        const isWanted = positive.some((it) => glob(it, host)) && !exceptions.some((it) => glob(it, host));
        expect(find(`${hosts.join(",")} ${one}`, host).keys).toHaveLength(isWanted ? 1 : 0);
      }),
    );
  });
});

/** The same rule, written another way: letter by letter. */
function glob(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*")) {
    return glob(pattern.slice(1), text) || (text !== "" && glob(pattern, text.slice(1)));
  }
  return text !== "" && (pattern.startsWith("?") || pattern[0] === text[0]) && glob(pattern.slice(1), text.slice(1));
}

describe("a host's key", () => {
  test("is accepted when one of its lines has it", () => {
    expect(judge(`host-a ${two}\nhost-a ${one}`)).toBeUndefined();
  });

  test("is unknown when no line is about the host", () => {
    expect(judge(`host-b ${one}`)).toMatch(
      /^its host key ssh-ed25519 SHA256:\S{43} is unknown: \/hosts has none for host-a; compare it .*ssh-keyscan/,
    );
    expect(judge("", one, true)).toBeUndefined();
    expect(objectionTo(blobOf(one), undefined, true)).toBeUndefined();
    expect(objectionTo(blobOf(one), undefined, false)).toContain("is not known");
  });

  test("that differs from the one in the file is refused, also where unknown hosts are taken", () => {
    for (const takesUnknown of [false, true]) {
      expect(judge(`host-a ${keyLine("ssh-ed25519", 9)}`, one, takesUnknown)).toContain(
        `has changed: it shows ${fingerprint(blobOf(one))}, and /hosts has ${fingerprint(blobOf(keyLine("ssh-ed25519", 9)))} for host-a`,
      );
      expect(judge(`host-a ${two}`, one, takesUnknown)).toContain("has changed");
    }
  });

  test("that is revoked is refused, whatever else is said about it", () => {
    for (const takesUnknown of [false, true]) {
      expect(judge(`host-a ${one}\n@revoked * ${one}`, one, takesUnknown)).toContain("is revoked in /hosts");
    }
    expect(judge(`host-a ${one}\n@revoked * ${two}`)).toBeUndefined();
    expect(judge(`host-a ${one}\n@revoked host-b ${one}`)).toBeUndefined();
  });

  test("is not vouched for by an authority for certificates", () => {
    expect(judge(`@cert-authority * ${one}`)).toContain("certificates of hosts are not supported: add its key");
    expect(judge(`@cert-authority * ${two}\nhost-a ${one}`)).toBeUndefined();
  });

  test("has the fingerprint that ssh-keygen prints", () => {
    const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    expect(fingerprint(Buffer.from(blob, "base64"))).toBe(
      "ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
    );
  });
});

test.each([
  ["@strange host-a", `@strange host-a ${one}`, "line 2: marker @strange is not known"],
  ["a key that is not its type", `host-a ${one.replace("ssh-ed25519", "ssh-rsa")}`, "line 2: no key of type ssh-rsa"],
  ["no key at all", "host-a ssh-ed25519", "line 2: no key of type ssh-ed25519"],
  ["a key cut short", "host-a ssh-ed25519 AAAAC3Nz", "line 2: no key of type ssh-ed25519"],
])("a line of this host that makes no sense is named, one of another host is not looked at: %s", (_, line, message) => {
  expect(() => find(`# hosts\n${line}`)).toThrow(message);
  expect(find(`# hosts\n${line.replace("host-a", "host-b")}`).keys).toEqual([]);
});
