import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { isReady } from "../../support/node-state.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { Executioner } from "../kubernetes/executioner.ts";
import { briskWords, type CloudStage, testMs, useCloudStage } from "./cloud-stage.ts";

const stage = useCloudStage({ size: { masters: 1, workers: 3 } });
const ladder = "ladder: {worker: [replace]}\n";

test.each(["Cordoning", "Fencing", "Releasing", "Restoring", "Recovering"])(
  "a leader killed in %s of a replacement: one stop, one resize, one new server",
  async (phase) => {
    const it = stage();
    const patient = await oldestWorker(it);
    await it.heal({ more: `${briskWords.more}${ladder}` });
    const before = await it.cloud.servers();
    const since = it.mark();
    const executioner = new Executioner(it, patient.name, () => it.another());
    it.nodes.node(patient.name).machine.hang();
    await eventually(`killed in ${phase}`, () => executioner.phase === phase && executioner.strike(), {
      withinMs: 420_000,
      everyMs: 5,
    });
    await executioner.bury();
    const status = await it.untilEnd(patient.name, undefined);
    await executioner.replaced();

    expect(status).toMatchObject({ phase: "Healed", rung: "replace", reason: "replaced" });
    expect(it.accepted(since)).toEqual(["os-stop", "resize"]);
    const after = await it.cloud.servers();
    const made = after.filter(({ id }) => !before.some((old) => old.id === id));
    expect(made).toHaveLength(1);
    expect(before.filter(({ id }) => !after.some((server) => server.id === id))).toEqual([
      expect.objectContaining({ id: patient.id }),
    ]);
    expect(isReady(await it.node(made[0]?.name ?? ""))).toBe(true);
  },
  testMs,
);

async function oldestWorker({ cloud, uuid = "" }: CloudStage): Promise<CloudServer> {
  const [worker] = (await cloud.cluster(uuid)).workers;
  if (worker === undefined) throw new Error("no worker");
  return worker;
}
