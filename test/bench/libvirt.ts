import { mayHaveControlPlane } from "../support/control-plane/build.ts";
import { missingForLibvirt } from "../support/libvirt-host/packages.ts";
import { startLibvirtHost } from "../support/libvirt-host/start.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { clientTable } from "./libvirt-client.ts";
import { healingTable, startHealingScene } from "./libvirt-healing.ts";

async function run(options: BenchOptions): Promise<readonly Table[]> {
  const { isShort, say } = options;
  const heals = !isShort && (await mayHaveControlPlane());
  const guests = heals ? ["bench1", "bench2", "bench3"] : ["bench1"];
  await using parts = new AsyncDisposableStack();
  // both take long to start, and the control plane is idle while the client is measured
  const [host, scene] = await Promise.allSettled([
    startLibvirtHost({ guests }),
    heals ? startHealingScene(guests, options) : undefined,
  ]);
  if (host.status === "fulfilled") parts.use(host.value);
  if (scene.status === "rejected") throw scene.reason;
  const { value: stage } = scene;
  if (stage !== undefined) parts.defer(() => stage.stop());
  if (host.status === "rejected") throw host.reason;
  const [guest] = host.value.guests;
  if (guest === undefined) throw new Error("no guest");
  const client = await clientTable(guest.uuid, isShort ? 1 : 3);
  if (stage === undefined) return [client];
  say("the client is measured; guests are lost next");
  return [client, await healingTable(host.value, stage, options)];
}

export const libvirtBenchmark: Benchmark = {
  name: "libvirt",
  summary: "our client beside virsh; a real guest is lost → its pods are free, its node is Ready again",
  needsControlPlane: false,
  missing: missingForLibvirt,
  run,
};
