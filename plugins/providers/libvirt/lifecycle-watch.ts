import { type Clock, type Log, type MachineId, messageOf } from "../../../src/plugin-api/index.ts";
import type { Fleet } from "./fleet.ts";
import type { Hypervisor } from "./hypervisor.ts";
import type { LifecycleEvent } from "./rpc/procedures.ts";
import { formatUuid } from "./uuid.ts";

const retryMs = 5_000;
/** virDomainEventType: started, suspended, resumed, stopped, shut down, suspended by the guest, crashed. */
const powerEvents: readonly number[] = [2, 3, 4, 5, 6, 7, 8];

/**
 * Tells of every change of a machine's power that a hypervisor reports, until the signal aborts. A hypervisor that
 * cannot be reached is tried again; what happened meanwhile is not told. Never rejects.
 */
export async function watchLifecycles(
  fleet: Fleet,
  clock: Clock,
  log: Log,
  onHint: (machine: MachineId) => void,
  signal: AbortSignal,
): Promise<void> {
  const listener = ({ domain, event }: LifecycleEvent) => {
    if (powerEvents.includes(event) && fleet.mayTouch(domain.name)) onHint(formatUuid(domain.uuid));
  };
  await Promise.all(fleet.hypervisors.map((hypervisor) => watchOne(hypervisor, clock, log, listener, signal)));
}

async function watchOne(
  hypervisor: Hypervisor,
  clock: Clock,
  log: Log,
  listener: (event: LifecycleEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenUntilItEnds(hypervisor, listener, signal);
    } catch (error) {
      log.debug({ hypervisor: hypervisor.name, problem: messageOf(error) }, "no events from a hypervisor");
    }
    await clock.sleep(retryMs, signal).catch(() => {});
  }
}

async function listenUntilItEnds(
  hypervisor: Hypervisor,
  listener: (event: LifecycleEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const connection = await hypervisor.connect(signal);
  const stop = connection.onLifecycle(listener);
  try {
    await Promise.race([connection.askForLifecycles(), aborted(signal)]);
    await aborted(AbortSignal.any([signal, connection.ended]));
  } finally {
    stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
