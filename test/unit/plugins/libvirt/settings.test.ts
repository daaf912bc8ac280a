import { describe, expect, test } from "vitest";
import libvirt from "../../../../plugins/providers/libvirt/index.ts";
import { parseConnectionUri } from "../../../../plugins/providers/libvirt/rpc/uri.ts";
import { toSettings } from "../../../../plugins/providers/libvirt/settings.ts";
import { validateParams } from "../../../../src/config/params.ts";

const uris = ["qemu:///system"];

function valuesOf(section: object) {
  const { values, problems } = validateParams(libvirt.params, section);
  expect(problems).toEqual([]);
  return values;
}

const ssh = {
  transport: "ssh",
  user: "healer",
  keyFile: "/keys/id",
  knownHosts: "/keys/hosts",
  passphraseFile: undefined,
  takesUnknownHost: false,
  isReadOnly: false,
};

const mistakesIn = (section: object, isDryRun = false) =>
  (libvirt.mistakes?.(valuesOf(section), { isDryRun }) ?? []).map(({ key, message }) => `${key}: ${message}`);

describe("a connection URI", () => {
  test.each([
    ["qemu:///system", { transport: "unix", socket: "/run/libvirt/libvirt-sock" }],
    ["qemu+unix:///system?socket=/run/other", { transport: "unix", socket: "/run/other" }],
    ["qemu+tcp://host-a/system", { transport: "tcp", host: "host-a", port: 16509 }],
    ["qemu+tcp://[::1]:7000/system", { transport: "tcp", host: "::1", port: 7000 }],
    [
      "qemu+tls://host-a:7001/system?pkipath=/keys",
      {
        transport: "tls",
        host: "host-a",
        port: 7001,
        files: {
          authorities: "/keys/cacert.pem",
          certificate: "/keys/clientcert.pem",
          key: "/keys/clientkey.pem",
        },
      },
    ],
    [
      "qemu+ssh://healer@host-a/system?keyfile=/keys/id&known_hosts=/keys/hosts",
      { ...ssh, host: "host-a", port: 22, socket: "/run/libvirt/libvirt-sock", namesSocket: false },
    ],
    [
      "qemu+ssh://healer@[::1]:2222/system?keyfile=/keys/id&known_hosts=/keys/hosts&no_verify=1&socket=/run/x&passphrase_file=/keys/p",
      {
        ...ssh,
        host: "::1",
        port: 2222,
        socket: "/run/x",
        namesSocket: true,
        takesUnknownHost: true,
        passphraseFile: "/keys/p",
      },
    ],
    [
      "qemu+ssh://healer@host-a/system?keyfile=/keys/id&no_verify=1",
      {
        ...ssh,
        host: "host-a",
        port: 22,
        socket: "/run/libvirt/libvirt-sock",
        namesSocket: false,
        takesUnknownHost: true,
        knownHosts: undefined,
      },
    ],
  ])("%s is read as libvirt reads it", (text, target) => {
    expect(parseConnectionUri(text, { isReadOnly: false }).target).toEqual(target);
  });

  test("without a transport is TLS where it names a host, and a unix socket where it does not", () => {
    const read = (text: string) => parseConnectionUri(text, { isReadOnly: true }).target;
    expect(read("qemu://host-a/system").transport).toBe("tls");
    expect(read("qemu:///system")).toEqual({ transport: "unix", socket: "/run/libvirt/libvirt-sock-ro" });
  });

  test("has a name without its parameters, and its authfile apart", () => {
    const uri = parseConnectionUri("qemu+tls://host-a/system?pkipath=/keys&authfile=/keys/auth", { isReadOnly: false });
    expect([uri.name, uri.authFile, uri.driver]).toEqual(["qemu+tls://host-a/system", "/keys/auth", "qemu:///system"]);
  });

  test.each([
    ["host-a", "expected a URI such as qemu+tls://host-a/system"],
    ["xen:///system", "begins with qemu"],
    ["qemu:///session", "whose path is /system"],
    ["qemu+libssh2://host-a/system", "qemu+libssh2 is not supported: use qemu+ssh"],
    ["qemu+ssh://host-a/system?keyfile=/k&known_hosts=/h", "needs a user"],
    ["qemu+ssh://secret-user:word@host-a/system?keyfile=/k&known_hosts=/h", "a password has no place in a URI"],
    ["qemu+ssh://root@host-a/system?known_hosts=/h", "needs keyfile="],
    ["qemu+ssh://root@host-a/system?keyfile=/k", "needs known_hosts="],
    ["qemu+ssh://root@host-a/system?keyfile=/k&no_verify=0", "needs known_hosts="],
    ["qemu+ssh://root@host-a/system?keyfile=/k&no_verify=yes", "parameter no_verify: expected 0 or 1"],
    ["qemu+ssh://root@host-a/system?command=/bin/ssh", "parameter command is not supported with transport ssh"],
    ["qemu+ssh://root@/system?keyfile=/k&known_hosts=/h", "needs a host"],
    ["qemu+ext:///system", "transport ext is not supported"],
    ["qemu+constructor://a/system", "transport constructor is not supported"],
    ["qemu+tcp:///system", "needs a host"],
    ["qemu+unix://host-a/system", "a unix socket is on this machine"],
    ["qemu+tls://secret-user@host-a/system", "a user in the URI has no meaning here"],
    ["qemu+tls://host-a:0/system", "expected a host, with or without a port"],
    ["qemu+tls://host-a:70000/system", "expected a host, with or without a port"],
    ["qemu+tls://host-a/system?no_verify=1", "parameter no_verify is not supported with transport tls"],
    ["qemu+tls://host-a/system?pkipath=keys", "parameter pkipath: expected an absolute path"],
    ["qemu+tcp://host-a/system?authfile=/a", "expected none"],
  ])("%s is refused, and not repeated in the message", (text, message) => {
    const [mistake = ""] = mistakesIn({ uris: ["qemu:///system", text] });
    expect(mistake).toContain("uris: [1] ");
    expect(mistake).toContain(message);
    expect(mistake).not.toContain("secret-user");
  });
});

describe("the section", () => {
  test("needs at least one hypervisor, and each only once", () => {
    expect(mistakesIn({})).toEqual(["uris: expected at least one connection URI"]);
    expect(mistakesIn({ uris: ["qemu:///system", "qemu+unix:///system"] })).toEqual([
      "uris: [1] is the same hypervisor as [0]",
    ]);
  });

  test("may only read where nothing is to be done anyway", () => {
    expect(mistakesIn({ uris, "read-only": true }, true)).toEqual([]);
    expect(mistakesIn({ uris, "read-only": true }, false)).toEqual([
      "read-only: connections that may only read can heal nothing: expected dry-run: true, or false here",
    ]);
  });

  test("has all or nothing of what a rebuild needs", () => {
    expect(mistakesIn({ uris, pool: "nodes" })).toEqual([
      "base-image: missing: rebuild needs base-image, pool, capacity-gib together",
      "capacity-gib: missing: rebuild needs base-image, pool, capacity-gib together",
    ]);
    const wrong = { uris, pool: "nodes", "base-image": "base.qcow2", "capacity-gib": 0, volume: "root.qcow2" };
    expect(mistakesIn(wrong)).toEqual([
      "volume: expected a file name with {domain} in it: one disk for each",
      "base-image: expected an absolute path",
      "capacity-gib: expected at least 1",
    ]);
    expect(() => toSettings(valuesOf(wrong))).toThrow("libvirt.volume: expected a file name");
  });

  test("names the volume of a domain, whatever its name looks like", () => {
    const section = { uris, pool: "nodes", "base-image": "/b", "capacity-gib": 20, volume: "{domain}-root.img" };
    const { rebuild } = toSettings(valuesOf(section));
    expect([rebuild?.volumeOf("node$&1"), rebuild?.capacityBytes]).toEqual(["node$&1-root.img", 20 * 2 ** 30]);
  });

  test("lets all domains be touched, or those that a pattern names from end to end", () => {
    const mayTouch = (machines: readonly string[], name: string) =>
      toSettings(valuesOf({ uris, machines })).mayTouch(name);
    expect(mayTouch([], "anything")).toBe(true);
    expect(mayTouch(["k8s-*"], "k8s-1")).toBe(true);
    expect(mayTouch(["k8s-*"], "not-k8s-1")).toBe(false);
    expect(mayTouch(["k8s.1", "x"], "k8s-1")).toBe(false);
    expect(mayTouch(["*-worker-*"], "a-worker-9")).toBe(true);
  });
});
