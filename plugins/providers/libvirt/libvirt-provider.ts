import type {
  Act,
  Capability,
  Clock,
  Log,
  MachineId,
  NodeIdentity,
  PowerAnswer,
  Provider,
} from "../../../src/plugin-api/index.ts";
import { BegunActs } from "./begun-acts.ts";
import { Fleet } from "./fleet.ts";
import { Hypervisor } from "./hypervisor.ts";
import { identify } from "./identify.ts";
import { watchLifecycles } from "./lifecycle-watch.ts";
import { judge } from "./observe.ts";
import { powerOff, powerOn, rebootHard, rebootSoftly } from "./power.ts";
import { rebuild } from "./rebuild.ts";
import type { LibvirtSettings } from "./settings.ts";

/** Machines as libvirt domains; a machine's id is its domain's UUID. Connects when it is first asked something. */
export function createLibvirtProvider(settings: LibvirtSettings, clock: Clock, log: Log): Provider {
  const hypervisors = settings.uris.map((uri) => new Hypervisor(uri, settings.isReadOnly, clock, log));
  const fleet = new Fleet(hypervisors, settings.mayTouch);
  const begun = new BegunActs();
  const { rebuild: rebuildSettings, matchesByName } = settings;
  const capabilities: readonly Capability[] = [
    "observe",
    "power-off",
    "power-on",
    "soft-reboot",
    "hard-reboot",
    ...(rebuildSettings === undefined ? [] : (["rebuild"] as const)),
  ];
  return {
    id: "libvirt",
    capabilities,
    defaultLadder: () => ["power-cycle"],
    identify: (node: NodeIdentity, signal) => identify(fleet, node, { matchesByName }, signal),
    observe: async (machine, _node, signal) => judge(await fleet.find(machine, signal)),
    survey: (signal) => survey(fleet, signal),
    powerOff: (act) => powerOff(fleet, act),
    powerOn: (act) => powerOn(fleet, act),
    reboot: (act, kind) =>
      begun.once(act, (it) => (kind === "soft" ? rebootSoftly(fleet, it) : rebootHard(fleet, it)), false),
    ...(rebuildSettings && {
      rebuild: (act: Act) => begun.once(act, (it) => rebuild(fleet, rebuildSettings, it), true),
    }),
    watch: (onHint, signal) => watchLifecycles(fleet, clock, log, onHint, signal),
    async close() {
      await Promise.all(hypervisors.map((hypervisor) => hypervisor.close()));
    },
  };
}

/** A hypervisor that does not answer may run any machine, so that none reads off meanwhile. */
async function survey(fleet: Fleet, signal: AbortSignal): Promise<ReadonlyMap<MachineId, PowerAnswer>> {
  const { machines, unreached } = await fleet.findAll(signal);
  return new Map([...machines].map(([machine, places]) => [machine, judge({ places, unreached })]));
}
