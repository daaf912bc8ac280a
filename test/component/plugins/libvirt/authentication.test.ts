import { expect, test } from "vitest";
import { SimDaemon } from "../../../sim/libvirt/daemon.ts";
import { emptyHypervisor, makeLibvirt, never, type SimRig, simRig } from "./rig.ts";

async function read({ provider, machine, node }: SimRig): Promise<string> {
  const { power, text } = await provider.observe(machine, node, never);
  return `${power}: ${text}`;
}

test.each([
  [
    "polkit that does not let us in",
    { wants: 2 },
    /no polkit agent .*\(libvirt error 1\/47\); give the process a user or group/,
  ],
  ["a password on a unix socket", { wants: 1 }, /the daemon wants SASL, which is supported over qemu\+tls only/],
  ["an authentication of the future", { wants: 9 }, /authentication of type 9, which is not supported/],
])("%s is said, and not tried again in a minute", async (_, fields, message) => {
  await using rig = await simRig();
  const daemon = rig.daemons[0]!;
  Object.assign(daemon, fields);
  for (let asked = 0; asked < 20; asked += 1) expect(await read(rig)).toMatch(message);
  expect(daemon.connections).toBe(1);
});

test("nothing is said about power by a daemon that speaks another protocol, and it is asked seldom", async () => {
  await using daemon = await SimDaemon.start(emptyHypervisor(), { port: 0, host: "127.0.0.1" });
  daemon.manner = "babbling";
  const provider = await makeLibvirt({ uris: [`qemu+tcp://127.0.0.1:${daemon.port}/system`] });
  for (let asked = 0; asked < 20; asked += 1) await expect(provider.survey?.(never)).resolves.toEqual(new Map());
  expect(daemon.connections).toBeLessThanOrEqual(2);
  await provider.close?.();
});
