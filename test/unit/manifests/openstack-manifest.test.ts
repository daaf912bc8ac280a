import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { commonParts, configMaps, loaded, readManifest, shippedConfig } from "./variant.ts";

const plain = readManifest("aceso.yaml");
const openstack = readManifest("aceso-openstack.yaml");
const shipped = shippedConfig(openstack);

test("but for its head and the ConfigMap it is manifests/aceso.yaml, comments included", () => {
  expect(commonParts(openstack)).toEqual(commonParts(plain));
  expect(configMaps(openstack)).toHaveLength(1);
});

describe("its configuration", () => {
  test("loads, does nothing until a person says so, and warns about the password in it", async () => {
    const config = await loaded(shipped);
    expect(config.provider?.id).toBe("openstack");
    expect(config.policy.isDryRun).toBe(true);
    expect(config.warnings.join("\n")).toContain("openstack.password");
  });

  test("with the password in the Secret it loads without that warning", async () => {
    const other = shipped.replace(/^ *password: .*\n/m, "").replace("# password-file:", "password-file:");
    const config = await loaded(other);
    expect(config.provider?.params).toMatchObject({ "password-file": "/etc/aceso-credentials/password" });
    expect(config.warnings.join("\n")).not.toContain("password");
  });

  test("loads with every commented key put in", async () => {
    const whole = shipped
      .replace(/^ *password: .*\n/m, "")
      .replaceAll(/# (?=(?:password-file|ca-file|stack|machines): )/g, "");
    const config = await loaded(whole);
    expect(config.provider?.params).toMatchObject({ stack: "k8s-nodes", machines: { cluster: "k8s" } });
  });

  test("is probed where the DaemonSet looks, as the plain one", () => {
    expect(parse(shipped).http).toEqual(parse(shippedConfig(plain)).http);
  });
});
