import { expect, test } from "vitest";
import { useGuestStage } from "./guest-stage.ts";

const stage = useGuestStage();
const patient = "worker1";

test.each([
  ["before the volume is deleted", "before", 94],
  ["after the volume was deleted", "after", 94],
  ["after the new volume was made", "after", 93],
  ["before the machine is started", "before", 196],
  ["after the machine was started", "after", 196],
] as const)(
  "a leader killed in a rebuild, %s: another one brings the machine back with a new disk",
  async (_, when, procedure) => {
    const it = stage();
    await it.heal({
      ladder: { worker: ["rebuild"] },
      attempts: { rebuild: 100 },
      "rung-timeout": "20s",
      fencing: { "power-off-timeout": "20s" },
    });
    const leader = await it.leader();
    const earlier = await it.lastRepair(patient);
    const boots = await it.host.bootsOf(it.guest(patient));
    it.proxy[when] = (number) => {
      if (number !== procedure) return undefined;
      it.proxy[when] = () => undefined;
      leader.signal("SIGKILL");
      return "lost";
    };
    it.nodes.node(patient).machine.hang();
    await leader.exited;
    const successor = it.another();
    expect(await it.untilEnd(patient, earlier, { withinMs: 180_000 })).toMatchObject({
      phase: "Healed",
      rung: "rebuild",
    });
    await successor;
    const added = (await it.host.bootsOf(it.guest(patient))).slice(boots.length);
    expect(new Set(added), "numbers of the boots since: each was of a new disk").toEqual(new Set([1]));
    expect(await it.host.virsh("domstate", patient)).toBe("running");
  },
  300_000,
);
