import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { toSettings } from "../../../plugins/providers/libvirt/settings.ts";
import { commonParts, configMaps, loaded, readManifest, shippedConfig } from "./variant.ts";

const plain = readManifest("aceso.yaml");
const libvirt = readManifest("aceso-libvirt.yaml");
const shipped = shippedConfig(libvirt);
const mount = "/etc/aceso-credentials";

test("but for its head and the ConfigMap it is manifests/aceso.yaml, comments included", () => {
  expect(commonParts(libvirt)).toEqual(commonParts(plain));
  expect(configMaps(libvirt)).toHaveLength(1);
});

/** Takes the `# ` off the lines that are keys or items, not sentences. */
const uncommented = (text: string) => text.replaceAll(/# (?=(?: *- |[a-z-]+: | *[a-z]+:$))/gm, "");

describe("its configuration", () => {
  test("loads, does nothing until a person says so, and has nothing to warn about", async () => {
    const config = await loaded(shipped);
    expect(config.provider?.id).toBe("libvirt");
    expect(config.policy.isDryRun).toBe(true);
    expect(config.warnings).toEqual([]);
  });

  test("loads with every commented key put in, and finds all its files in the mounted Secret", async () => {
    const config = await loaded(uncommented(shipped));
    const { uris, isReadOnly, matchesByName, rebuild } = toSettings(config.provider?.params ?? {});
    expect(uris.map(({ target }) => target.transport)).toEqual(["tls", "tls", "tls", "ssh"]);
    const files = uris.flatMap(({ target, authFile = `${mount}/x` }) => [
      authFile,
      ...(target.transport === "tls" ? Object.values(target.files) : []),
      ...(target.transport === "ssh" ? [target.keyFile, target.knownHosts] : []),
    ]);
    expect(files.filter((file) => file?.startsWith(`${mount}/`) !== true)).toEqual([]);
    expect([isReadOnly, matchesByName, rebuild?.pool]).toEqual([true, true, "default"]);
    expect(config.warnings).toEqual([]);
  });

  test("that may only read is refused as soon as something is to be done", async () => {
    const live = uncommented(shipped).replace("dry-run: true", "dry-run: false");
    await expect(loaded(live)).rejects.toThrow("connections that may only read can heal nothing");
    await expect(loaded(live.replace("read-only: true", "read-only: false"))).resolves.toBeDefined();
  });

  test("is probed where the DaemonSet looks, as the plain one", () => {
    expect(parse(shipped).http).toEqual(parse(shippedConfig(plain)).http);
  });
});
