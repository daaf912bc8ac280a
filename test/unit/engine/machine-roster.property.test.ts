import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeFacts } from "../../../src/core/model.ts";
import type { MachineClaim } from "../../../src/core/view.ts";
import { MachineRoster } from "../../../src/engine/machine-roster.ts";
import { node } from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const names = ["a", "b", "c", "d"];
const machines = ["m1", "m2"];
/** A node is another machine now, is no machine, or is gone; the watch tells of it, or a new list does. */
const change = fc.record({
  name: fc.constantFrom(...names),
  machine: fc.constantFrom(...machines, "", undefined),
  isList: fc.boolean(),
});

const machineOf = (it: NodeFacts) => it.annotations["aceso.dev/machine"] ?? "";
const claimOf = async (it: NodeFacts): Promise<MachineClaim> =>
  machineOf(it) === ""
    ? { kind: "none", problem: "none" }
    : { kind: "known", machine: machineOf(it), systemUUID: "", providerID: "" };

test("the nodes of a machine are those that a search among all nodes finds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
      const nodes = new Map<string, NodeFacts>();
      const stop = new AbortController();
      let asked = 0;
      const count = (it: NodeFacts) => {
        asked += 1;
        return claimOf(it);
      };
      const roster = new MachineRoster(
        { machines: { claimOf: count }, nodes: () => nodes, clock: new VirtualClock(), log: quietLog },
        stop.signal,
      );
      for (const { name, machine, isList } of changes) {
        if (machine === undefined) nodes.delete(name);
        else nodes.set(name, node(name, { annotations: { "aceso.dev/machine": machine } }));
        roster.nodeChanged(isList ? undefined : name);
        await roster.drained();
        const before = asked;
        roster.nodeChanged(undefined);
        expect(asked, "what is known is not asked again").toBe(before);
        for (const each of machines) {
          const plainly = [...nodes.values()].filter((it) => machineOf(it) === each).map((it) => it.name);
          expect([...roster.nodesOf(each)].sort()).toEqual(plainly.sort());
        }
      }
      stop.abort();
    }),
  );
});
