import { expect, test } from "vitest";
import type { SimDaemon } from "../../../sim/libvirt/daemon.ts";
import type { SimDomain, SimHypervisor } from "../../../sim/libvirt/hypervisor.ts";
import { rebuildSection, simRig } from "./rig.ts";

const disk = "/nodes/node-0.qcow2";
const rebuildRig = () => simRig({ section: rebuildSection });

test("rebuild gives the machine a new disk over the base image, and starts it", async () => {
  await using rig = await rebuildRig();
  const { hypervisor } = rig.daemons[0]!;
  const { definition } = rig.domain;
  await rig.provider.rebuild?.(rig.act());
  expect(hypervisor.deeds).toEqual(["destroy node-0", `delete ${disk}`, `make ${disk}`, "create node-0 8"]);
  expect(hypervisor.volume(disk)).toMatchObject({ boots: 1, backingPath: "/images/base.qcow2" });
  expect(hypervisor.volume(disk).definition).toContain(`<capacity unit='bytes'>${20 * 1024 ** 3}</capacity>`);
  expect([rig.domain.state, rig.domain.definition]).toEqual([1, definition]);
});

test("the firmware's variables belong to the old disk, and are forgotten with it", async () => {
  await using rig = await rebuildRig();
  redefine(rig.domain, "<devices>", "<os firmware='efi'><nvram>/var/node-0.fd</nvram></os><devices>");
  await rig.provider.rebuild?.(rig.act());
  expect(rig.daemons[0]!.hypervisor.deeds.at(-1)).toBe(`create node-0 ${8 + 32}`);
});

test("rebuild asks before each of its steps", async () => {
  const steps = [[], ["destroy"], ["destroy", "delete"], ["destroy", "delete", "make"]];
  for (const [allowed, done] of steps.entries()) {
    await using rig = await rebuildRig();
    let asked = 0;
    const no = new Error("leadership is over");
    const mayAct = async () => {
      asked += 1;
      if (asked > allowed) throw no;
    };
    await expect(rig.provider.rebuild?.(rig.act({ mayAct }))).rejects.toBe(no);
    expect(rig.daemons[0]!.hypervisor.deeds.map((deed) => deed.split(" ")[0])).toEqual(done);
  }
});

const lookAway: Readonly<Record<string, number>> = { destroy: 234, delete: 94, make: 93, create: 196 };
/** A machine that may run by now is looked at; one that is off is rebuilt again, for it may be without a disk. */
const remedyOf = (procedure: number) => (procedure === lookAway.create ? "re-read" : "retry");

test.each(Object.entries(lookAway))(
  "cut off right after %s, and begun again, it comes to the same end",
  async (_, last) => {
    await using rig = await rebuildRig();
    const daemon = rig.daemons[0]!;
    daemon.after = (procedure) => (procedure === last ? "lost" : undefined);
    await expect(rig.provider.rebuild?.(rig.act())).rejects.toMatchObject({ remedy: remedyOf(last) });
    daemon.after = () => undefined;
    await rig.provider.rebuild?.(rig.act());
    expect(daemon.hypervisor.volume(disk)).toMatchObject({ boots: 1, backingPath: "/images/base.qcow2" });
    expect(rig.domain.state).toBe(1);
  },
);

test.each(Object.entries(lookAway))(
  "cut off right before %s, and begun again, it comes to the same end",
  async (_, next) => {
    await using rig = await rebuildRig();
    const daemon = rig.daemons[0]!;
    daemon.before = (procedure) => (procedure === next ? "lost" : undefined);
    await expect(rig.provider.rebuild?.(rig.act())).rejects.toMatchObject({ remedy: remedyOf(next) });
    daemon.before = () => undefined;
    await rig.provider.rebuild?.(rig.act());
    expect(daemon.hypervisor.volume(disk)).toMatchObject({ boots: 1, backingPath: "/images/base.qcow2" });
    expect(rig.domain.state).toBe(1);
  },
);

function redefine(domain: SimDomain, from: string, to: string): void {
  domain.definition = domain.definition.replace(from, to);
}

const refusals: readonly [string, RegExp, (hypervisor: SimHypervisor, domain: SimDomain) => unknown][] = [
  ["a transient domain", /the domain is transient/, (_, domain) => Object.assign(domain, { isPersistent: false })],
  ["snapshots", /it has 2 snapshots, which would be lost/, (_, domain) => Object.assign(domain, { snapshots: 2 })],
  ["no such pool", /no pool with matching name/, (hypervisor) => hypervisor.pools.delete("nodes")],
  [
    "a stopped pool",
    /storage pool nodes is not active/,
    (hypervisor) => Object.assign(hypervisor.pool("nodes"), { isActive: false }),
  ],
  [
    "a pool without files",
    /is of type logical/,
    (hypervisor) => Object.assign(hypervisor.pool("nodes"), { type: "logical" }),
  ],
  [
    "a full pool",
    /has 10 MiB left, 256 are wanted/,
    (hypervisor) => Object.assign(hypervisor.pool("nodes"), { availableBytes: 10 * 1024 ** 2 }),
  ],
  [
    "no base image",
    /no storage vol with matching path '\/images\/base.qcow2'/,
    (hypervisor) => hypervisor.volumes.delete("/images/base.qcow2"),
  ],
  [
    "a base image larger than the new disk",
    /has 21 GiB, more than libvirt.capacity-gib/,
    (hypervisor) => Object.assign(hypervisor.volume("/images/base.qcow2"), { capacityBytes: 20 * 1024 ** 3 + 1 }),
  ],
  [
    "another disk",
    /\/nodes\/node-0.qcow2 is not its disk \(its disks: \/nodes\/other.qcow2, \/seeds\/node-0.iso\)/,
    (_, domain) => redefine(domain, "node-0.qcow2", "other.qcow2"),
  ],
  ["a disk of another format", /is raw; only qcow2/, (_, domain) => redefine(domain, "type='qcow2'", "type='raw'")],
  [
    "a disk that is only named in foreign text",
    /is not its disk/,
    (_, domain) => {
      domain.definition = domain.definition.replace(disk, "/nodes/x.qcow2").replace("/foreign", disk);
    },
  ],
];

test.each(refusals)("%s is refused before anything is touched", async (_, message, spoil) => {
  await using rig = await rebuildRig();
  const { hypervisor } = rig.daemons[0]!;
  spoil(hypervisor, rig.domain);
  await expect(rig.provider.rebuild?.(rig.act())).rejects.toThrow(message);
  expect([hypervisor.deeds, hypervisor.volumes.has(disk), rig.domain.state]).toEqual([[], true, 1]);
});

test("a disk is not deleted under a machine that somebody has started meanwhile", async () => {
  await using rig = await rebuildRig();
  const daemon: SimDaemon = rig.daemons[0]!;
  daemon.before = (procedure) => {
    if (procedure === 95) daemon.hypervisor.create(rig.domain, 8);
    return undefined;
  };
  await expect(rig.provider.rebuild?.(rig.act())).rejects.toMatchObject({ remedy: "re-read" });
  expect(daemon.hypervisor.volumes.has(disk)).toBe(true);
});

test("a volume that appears between delete and make is not taken for the new one", async () => {
  await using rig = await rebuildRig();
  const daemon: SimDaemon = rig.daemons[0]!;
  daemon.before = (procedure) => {
    if (procedure === 93) daemon.hypervisor.addVolume("nodes", "node-0.qcow2");
    return undefined;
  };
  await expect(rig.provider.rebuild?.(rig.act())).rejects.toMatchObject({
    remedy: "retry",
    message: expect.stringContaining("exists already (libvirt error 90/18)"),
  });
  expect(rig.domain.state).toBe(5);
});

test("without its settings rebuild is not offered", async () => {
  await using rig = await simRig();
  expect([rig.provider.rebuild, rig.provider.capabilities.includes("rebuild")]).toEqual([undefined, false]);
});
