import { mayHaveControlPlane } from "../support/control-plane/build.ts";
import { missingForLibvirt } from "../support/libvirt-host/packages.ts";
import { startLibvirtHost } from "../support/libvirt-host/start.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { clientTable } from "./libvirt-client.ts";
import { healingTable } from "./libvirt-healing.ts";

async function run(options: BenchOptions): Promise<readonly Table[]> {
  const { isShort, say } = options;
  const heals = !isShort && (await mayHaveControlPlane());
  const host = await startLibvirtHost({ guests: isShort ? 1 : ["bench1", "bench2", "bench3"] });
  try {
    const [guest] = host.guests;
    if (guest === undefined) throw new Error("no guest");
    const client = await clientTable(guest.uuid, isShort ? 1 : 3);
    if (!heals) return [client];
    say("the client is measured; guests are lost next");
    return [client, await healingTable(host, options)];
  } finally {
    await host[Symbol.asyncDispose]();
  }
}

export const libvirtBenchmark: Benchmark = {
  name: "libvirt",
  summary: "our client beside virsh; a real guest is lost → its pods are free, its node is Ready again",
  needsControlPlane: false,
  missing: missingForLibvirt,
  run,
};
