import fc from "fast-check";
import { expect, test } from "vitest";
import {
  hasNvram,
  readDisks,
  readPoolFolder,
  volumeDefinition,
} from "../../../../plugins/providers/libvirt/domain-xml.ts";
import { formatUuid, parseUuid, swapUuid } from "../../../../plugins/providers/libvirt/uuid.ts";

test("disks are read with device, format and place; images below them and foreign text are no disks", () => {
  const definition = `<domain type='kvm'><title>a &lt;disk&gt;</title>
<metadata><a:x xmlns:a='x'><disk><source file='/foreign'/></disk></a:x></metadata>
<os firmware='efi'><nvram>/var/x.fd</nvram></os>
<devices>
  <disk type='file' device='disk'>
    <driver name='qemu' type='qcow2' cache='none'/>
    <backingStore type='file'>
      <format type='qcow2'/><source file='/images/middle.qcow2'/>
      <backingStore type='file'><format type='raw'/><source file='/images/base.img'/><backingStore/></backingStore>
    </backingStore>
    <source file='/nodes/a&amp;b &apos;1&apos;.qcow2' index='1'/>
  </disk>
  <disk type='volume' device='disk'><driver type='raw'/><source pool='nodes' volume='v'/><backingStore/></disk>
  <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda'/></disk>
  <disk type='block'><source dev='/dev/sdx'/></disk>
</devices></domain>`;
  expect(readDisks(definition)).toEqual([
    { device: "disk", format: "qcow2", path: "/nodes/a&b '1'.qcow2", volume: undefined },
    { device: "disk", format: "raw", path: undefined, volume: { pool: "nodes", name: "v" } },
    { device: "cdrom", format: "raw", path: undefined, volume: undefined },
    { device: "disk", format: undefined, path: undefined, volume: undefined },
  ]);
  expect([hasNvram(definition), hasNvram("<domain><os/></domain>")]).toEqual([true, false]);
});

test("a pool has its type and its folder", () => {
  const definition = "<pool type='dir'><source><path>/x</path></source><target><path>/a&amp;b</path></target></pool>";
  expect(readPoolFolder(definition)).toEqual({ type: "dir", folder: "/a&b" });
  expect(readPoolFolder("<pool type='rbd'><source/></pool>")).toEqual({ type: "rbd", folder: undefined });
});

test("a new volume's definition holds every name as it is, without breaking out of its element", () => {
  const backing = { capacityBytes: 1024, backingPath: "/b'&", backingFormat: "qcow2" };
  const definition = volumeDefinition({ name: "a</name><x>&", ...backing });
  expect(definition).toContain("<name>a&lt;/name&gt;&lt;x&gt;&amp;</name><capacity unit='bytes'>1024</capacity>");
  expect(definition).toContain("<path>/b&apos;&amp;</path><format type='qcow2'/>");
});

test("a UUID is the same in any spelling, and the other byte order of the other byte order is itself", () => {
  fc.assert(
    fc.property(fc.uuid({ version: [1, 4, 7] }), (uuid) => {
      const bytes = parseUuid(uuid) as Buffer;
      expect(formatUuid(bytes)).toBe(uuid);
      expect(parseUuid(` ${uuid.toUpperCase().replaceAll("-", "")} `)).toEqual(bytes);
      expect(swapUuid(swapUuid(bytes))).toEqual(bytes);
      expect(formatUuid(swapUuid(bytes)).slice(19)).toBe(uuid.slice(19));
    }),
  );
  expect(formatUuid(swapUuid(parseUuid("6c696276-6972-4000-8000-000000000000") as Buffer))).toBe(
    "7662696c-7269-0040-8000-000000000000",
  );
  for (const text of ["", "6c696276", "6c696276-6972-4000-8000-00000000000g", "libvirt:///6c696276"]) {
    expect(parseUuid(text)).toBeUndefined();
  }
});
