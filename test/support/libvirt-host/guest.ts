import { Buffer } from "node:buffer";

/**
 * A guest's whole operating system, 16-bit code for the first sector of its disk: it reads the second sector, adds one
 * to the number at its beginning, writes it back, prints `boot N` on the serial line and halts for ever. A disk that
 * was made anew begins at 1; a guest that only booted anew goes on counting. It knows nothing of ACPI.
 */
const bootSector = [
  "31c0 8ed8 8ec0 8ed0 bc007c", // segments 0, stack below this code
  "bb007e b90200 b600 52 b80102 cd13", // read sector 2 to 7e00
  "ff06007e", // add one
  "5a bb007e b90200 b80103 cd13", // write it back
  "be687c ac 84c0 7405 e82500 ebf6", // print the text at 7c68
  "a1007e bb0a00 31c9 31d2 f7f3 52 41 85c0 75f6", // digits of the number, last one first, to the stack
  "58 0430 e80b00 e2f8 b00a e80400", // print them, and a line feed
  "fa f4 ebfc", // halt
  "50 bafd03 ec a820 74fb 58 baf803 ee c3", // print one character when the line is free
  "626f6f742000", // "boot "
].join("");

const sectorBytes = 512;

/** The first sectors of a base image. */
export function bootImage(): Buffer {
  const image = Buffer.alloc(2 * sectorBytes);
  Buffer.from(bootSector.replaceAll(" ", ""), "hex").copy(image);
  image.writeUInt16BE(0x55aa, sectorBytes - 2);
  return image;
}

export interface Guest {
  readonly name: string;
  readonly uuid: string;
  readonly mac: string;
}

/** How the UUIDs of all our guests begin. */
export const ourUuids = "ace50e2e-6972-4000-8000-";

export function guestNumber(index: number, name = `aceso-e2e-${index}`): Guest {
  const hex = index.toString(16).padStart(2, "0");
  return {
    name,
    uuid: `${ourUuids}0000000000${hex}`,
    mac: `52:54:00:ac:e5:${hex}`,
  };
}

/** A small machine without hardware virtualization, so that it runs wherever QEMU does. */
export function guestDefinition({ name, uuid, mac }: Guest, folder: string): string {
  return `<domain type='qemu'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <on_crash>destroy</on_crash>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${folder}/nodes/${name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${folder}/nodes/${name}-seed.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='user'><mac address='${mac}'/><model type='virtio'/></interface>
    <serial type='file'><source path='${folder}/${name}.serial' append='on'/></serial>
  </devices>
</domain>
`;
}
