import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chosenNotes } from "../../../src/config/ladders.ts";
import { toPolicy } from "../../../src/config/to-policy.ts";
import { capabilities } from "../../../src/core/policy.ts";
import { loadText } from "../../support/config-loading.ts";

const magnum = readFileSync(new URL("fixtures/magnum-auto-healer.yaml", import.meta.url), "utf8");

const cloud = {
  id: "openstack",
  capabilities,
  defaultLadder: () => ["power-cycle", "replace"] as const,
  rejoinsEtcd: true,
};

describe("a file of magnum-auto-healer", () => {
  test("reboots first where the kubelet answers, in the time that it names for that", () => {
    const policy = toPolicy(loadText(`${magnum}rebuild-delay-after-reboot: 7m\n`), cloud);
    expect(policy.ladder.worker).toEqual(["soft-reboot", "power-cycle", "replace"]);
    expect(policy.ladder.master).toEqual(["soft-reboot", "power-cycle", "replace"]);
    expect(policy.rebuildDelayAfterRebootMs).toBe(420_000);
  });

  test("says so", () => {
    expect(chosenNotes(loadText(magnum), cloud)).toEqual([
      "ladder.master: soft-reboot, power-cycle, replace (the file is magnum-auto-healer's: a reboot first where the kubelet answers, then the default of provider openstack)",
      "ladder.worker: soft-reboot, power-cycle, replace (the file is magnum-auto-healer's: a reboot first where the kubelet answers, then the default of provider openstack)",
      "control-plane.etcd: rejoins (provider openstack lets a node that was made anew join by itself)",
    ]);
  });

  test("does not reboot where the provider cannot", () => {
    const lame = { ...cloud, capabilities: ["observe", "power-off", "power-on", "replace"] as const };
    expect(toPolicy(loadText(magnum), lame).ladder.worker).toEqual(["power-cycle", "replace"]);
  });

  test.each(["silence: 30s", "ladder: {master: [power-cycle]}", "fencing: {}", "plugins: []", "balancer: false"])(
    "is one no more with Aceso's own key in it: %s",
    (line) => {
      const config = loadText(`${magnum}${line}\n`);
      expect(config.isMagnumFile).toBe(false);
      expect(toPolicy(config, cloud).ladder.worker).toEqual(["power-cycle", "replace"]);
    },
  );

  test("is none without the section openstack", () => {
    expect(loadText("cluster-name: x\nexec: {command: [/bin/x]}\n").isMagnumFile).toBe(false);
  });
});

describe("where etcd lives", () => {
  const text = "openstack: {auth-url: 'https://k:5000/v3', user-id: u, password-file: /p}\n";

  test("follows from the provider where the file does not say", () => {
    expect(toPolicy(loadText(text), cloud).etcd).toBe("rejoins");
    expect(toPolicy(loadText(text), { ...cloud, rejoinsEtcd: false }).etcd).toBe("stacked");
    expect(toPolicy(loadText(text), undefined).etcd).toBe("stacked");
  });

  test("is what the file says where it does", () => {
    const stacked = toPolicy(loadText(`${text}control-plane: {etcd: stacked}\n`), cloud);
    expect(stacked.etcd).toBe("stacked");
    expect(stacked.ladder.master).toEqual(["power-cycle"]);
    expect(chosenNotes(loadText(`${text}control-plane: {etcd: external}\n`), cloud).join()).not.toContain("etcd");
  });

  test("refuses a ladder that would lose a member, as soon as the provider is known", () => {
    const config = loadText(`${text}ladder: {master: [replace]}\n`);
    expect(toPolicy(config, cloud).ladder.master).toEqual(["replace"]);
    expect(() => toPolicy(config, { ...cloud, rejoinsEtcd: false })).toThrow(
      "ladder.master: replace would lose an etcd member",
    );
  });
});
