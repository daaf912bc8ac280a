import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { eventsOf, logLinesOf, readWalkthrough, sectionOf } from "../../support/walkthrough.ts";
import { loseHomeOfVolume, silenceMs, useStockSettings } from "./stock-settings.ts";
import { expectLawfulTaints } from "./taint-laws.ts";

/** DESIGN §10: last heartbeat → pods released, when the machine had to be powered off; its volume follows at once. */
const limitMs = 80_000;

const scenario = useStockSettings();

// Three minutes: a long variant, for `npm run e2e:full`.
test("a hung machine is switched off once, its volume attached elsewhere within 80 s, and the node back in service, stock settings", async () => {
  const { owner, untilPhase } = scenario();
  const { home, tookMs } = await loseHomeOfVolume(scenario(), (machine) => machine.hang());
  console.info(`hung, stock settings: attached elsewhere ${(tookMs / 1_000).toFixed(1)} s after the last heartbeat`);
  expect(tookMs).toBeLessThanOrEqual(limitMs);
  await untilPhase(home, "Healed", { withinMs: 150_000 });
  expect(owner.actsOn(home).map(({ operation }) => operation)).toEqual(["power-off", "power-on"]);
  expectLawfulTaints(scenario(), { silenceMs, isProven: true });
  // the walkthrough tells of such a repair
  const { logged, events } = await toldOf(home);
  const page = await readWalkthrough();
  expect(logged).toEqual(logLinesOf(sectionOf(page, "The log of the leader")).map(({ msg }) => msg));
  const told = eventsOf(sectionOf(page, "What others saw"));
  expect(events).toEqual(told.map(([type, reason]) => [type, reason]));
}, 360_000);

/** What the leader logged of a repair, and the Events of its Node, with the name that the walkthrough has for it. */
async function toldOf(home: string) {
  const { replicas, api } = scenario();
  const lines = replicas.flatMap((it) => it.lines).filter(({ fields }) => fields.node === home && "repair" in fields);
  const logged = lines.map(({ fields }) => String(fields.msg).replaceAll(home, "worker-1"));
  const query = `fieldSelector=regarding.kind=Node,regarding.name=${home},reportingController=aceso.dev/aceso`;
  const { items } = await api.get(`/apis/events.k8s.io/v1/namespaces/default/events?${query}`);
  const inOrder = items.sort((a: ApiObject, b: ApiObject) => (a.eventTime < b.eventTime ? -1 : 1));
  return { logged, events: inOrder.map(({ type, reason }: ApiObject) => [type, reason]) };
}
