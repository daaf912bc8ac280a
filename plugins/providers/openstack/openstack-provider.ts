import {
  type Act,
  capabilities as allCapabilities,
  type Capability,
  type Clock,
  type HealthReport,
  type Interlock,
  type NodeIdentity,
  type Provider,
  ProviderError,
  type Rung,
} from "../../../src/plugin-api/index.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import { AskedActs } from "./asked-acts.ts";
import { AskedUpdates } from "./asked-updates.ts";
import { FencedHosts } from "./fenced-host.ts";
import { follow } from "./follow.ts";
import { identify } from "./identify.ts";
import { interlockOfCluster, interlockOfStack, widest } from "./interlock.ts";
import type { Mode } from "./mode.ts";
import { observe, survey } from "./observe.ts";
import { rebuild } from "./rebuild.ts";
import { planReplacement, type ReplaceParts, replace } from "./replace.ts";
import { readPlan, writePlan } from "./replace-plan.ts";
import { reportHealth } from "./report-health.ts";
import { type ActParts, actOnServer } from "./server-acts.ts";
import type { ServiceChoice, Services } from "./services.ts";
import type { OpenStackSettings } from "./settings.ts";
import { reboot, start, stop } from "./switching.ts";

export interface ProviderParts {
  readonly session: OpenStackSession;
  readonly settings: OpenStackSettings;
  readonly clock: Clock;
  readonly choice: ServiceChoice;
}

/** A provider over Nova, Nova and Heat, or Nova, Heat and Magnum. @param mode what capabilities follow from */
export function createOpenStackProvider(mode: Mode, parts: ProviderParts): Provider {
  const { session, settings } = parts;
  const cloud = new Cloud(parts);
  const hasStacks = mode !== "nova";
  return {
    id: "openstack",
    capabilities: allCapabilities.filter((can): can is Capability => can !== "replace" || hasStacks),
    defaultLadder: (): readonly Rung[] => ["power-cycle", hasStacks ? "replace" : "rebuild"],
    identify: async (node, signal) =>
      identify(node, { ...(await cloud.whereabouts(signal)), session, settings }, signal),
    observe: async (machine, _node, signal) => observe(machine, await cloud.observing(signal), signal),
    survey: async (signal) => survey((await cloud.services(signal)).nova, signal),
    powerOff: (act) => cloud.powerOff(act),
    powerOn: (act) => cloud.powerOn(act),
    reboot: async (act, kind) => actOnServer(await cloud.acting(act.signal), act, reboot(kind)),
    rebuild: async (act) => rebuild(await cloud.acting(act.signal), session, act),
    ...(hasStacks && {
      replace: (act: Act, plan: string | undefined) => cloud.replace(act, plan),
      replacement: {
        plan: (machine, _node, signal) => cloud.plan(machine, signal),
        follow: (machine, plan, signal) => cloud.follow(machine, plan, signal),
      },
      interlock: (machine: string, _node: NodeIdentity, signal: AbortSignal) => cloud.interlock(machine, signal),
    }),
    ...(mode === "magnum" && {
      reportHealth: (report: HealthReport, signal: AbortSignal) => cloud.reportHealth(report, signal),
      rejoinsEtcd: true,
    }),
    close: () => session.close(),
  };
}

class Cloud {
  readonly #parts: ProviderParts;
  readonly #asked = new AskedActs();
  readonly #updates: AskedUpdates;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    this.#updates = new AskedUpdates(parts.clock);
  }

  services(signal: AbortSignal): Promise<Services> {
    return this.#parts.choice.get(signal);
  }

  async acting(signal: AbortSignal): Promise<ActParts> {
    return { nova: (await this.services(signal)).nova, asked: this.#asked };
  }

  async whereabouts(signal: AbortSignal) {
    const { nova, stacks } = await this.services(signal);
    return { nova, roster: stacks?.roster };
  }

  async observing(signal: AbortSignal) {
    const acting = await this.acting(signal);
    return { ...acting, session: this.#parts.session, fencedHosts: this.#fencedHosts(acting) };
  }

  async powerOff(act: Act): Promise<void> {
    const acting = await this.acting(act.signal);
    if ((await this.#fencedHosts(acting)?.powerOff(act)) === true) return;
    await actOnServer(acting, act, stop);
  }

  async powerOn(act: Act): Promise<void> {
    const acting = await this.acting(act.signal);
    if ((await this.#fencedHosts(acting)?.powerOn(act)) === true) return;
    await actOnServer(acting, act, start);
  }

  async plan(machine: string, signal: AbortSignal): Promise<string> {
    return writePlan(await planReplacement(machine, await this.#replacing(signal), signal));
  }

  async replace(act: Act, plan: string | undefined): Promise<void> {
    const known = readPlan(plan);
    const kind = known.how;
    // For seconds after a resize was accepted nothing shows it.
    if (this.#asked.isRepeated(act, kind)) return;
    await replace(act, known, await this.#replacing(act.signal));
    this.#asked.remember(act.machine, { kind, id: act.id, requestId: "", isUncertain: false });
  }

  async follow(machine: string, plan: string, signal: AbortSignal) {
    const { nova } = await this.services(signal);
    return follow(machine, readPlan(plan), { ...(await this.#replacing(signal)), nova }, signal);
  }

  /** Two or three reads; none of Nova. */
  async interlock(machine: string, signal: AbortSignal): Promise<Interlock | undefined> {
    const { stacks, magnum } = await this.services(signal);
    const place = await stacks?.roster.find(machine, signal);
    const [owner, stack] = await Promise.all([
      magnum && interlockInMagnum(magnum, place?.groups ?? [], signal),
      place && stacks?.heat.stack(place.root, signal),
    ]);
    return widest(owner, stack && interlockOfStack(stack));
  }

  async reportHealth(report: HealthReport, signal: AbortSignal): Promise<void> {
    const { magnum } = await this.services(signal);
    if (magnum !== undefined) await reportHealth(report, magnum, this.#parts.clock, signal);
  }

  #fencedHosts(acting: ActParts): FencedHosts | undefined {
    return this.#parts.settings.isHostFencingAsserted ? new FencedHosts(acting) : undefined;
  }

  async #replacing(signal: AbortSignal): Promise<ReplaceParts> {
    const { stacks, magnum } = await this.services(signal);
    if (stacks !== undefined) return { ...stacks, magnum, updates: this.#updates };
    throw new ProviderError("openstack: replacing a server: the catalog has no orchestration service", "give-up");
  }
}

async function interlockInMagnum(
  magnum: NonNullable<Services["magnum"]>,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<Interlock | undefined> {
  const [cluster, all] = await Promise.all([magnum.cluster(signal), magnum.nodeGroups(signal)]);
  // The default groups have no status of their own that the cluster's would not show.
  const own = all?.find(({ name, isDefault }) => !isDefault && groups.includes(name));
  return interlockOfCluster(cluster, own);
}
