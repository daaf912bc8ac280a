import { formatUuid } from "../../../plugins/providers/libvirt/uuid.ts";
import type { SimDomain, SimHypervisor } from "../../sim/libvirt/hypervisor.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";

const running = { status: "ACTIVE", powerState: 1 };
const shutOff = { status: "SHUTOFF", powerState: 4 };
const asleep = { status: "PAUSED", powerState: 3 };
/** virDomainState. */
const stateRunning = 1;
const stateShutOff = 5;
/** virDomainEventType. */
const eventStarted = 2;

/** Simulated domains as the hollow kubelets' cloud: each start of a domain is a boot. */
export function domainServers(hypervisor: SimHypervisor): { servers(): Promise<readonly CloudServer[]> } {
  const boots = new Map<SimDomain, number>();
  hypervisor.onNotice(({ domain, event }) => {
    if (event === eventStarted) boots.set(domain, (boots.get(domain) ?? 0) + 1);
  });
  const toServer = (domain: SimDomain): CloudServer => {
    const { state } = domain;
    return {
      id: formatUuid(domain.uuid),
      name: domain.name,
      ...(state === stateRunning ? running : state === stateShutOff ? shutOff : asleep),
      taskState: null,
      fault: undefined,
      ip: "127.0.0.1",
      boots: boots.get(domain) ?? 0,
    };
  };
  return { servers: async () => [...hypervisor.domains.values()].map(toServer) };
}
