import { readFile } from "node:fs/promises";
import type { CloudServer } from "../openstack-cloud.ts";
import { isRunning } from "../processes.ts";
import type { Guest } from "./guest.ts";
import type { LibvirtHost } from "./start.ts";

const running = { status: "ACTIVE", powerState: 1 };
const shutOff = { status: "SHUTOFF", powerState: 4 };
const asleep = { status: "PAUSED", powerState: 3 };

/**
 * Real guests as the hollow kubelets' cloud. One runs while its QEMU does, is not stopped and not paused, and has
 * printed a boot of its own; each number that it prints is a boot.
 */
export function guestServers(host: LibvirtHost): { servers(): Promise<readonly CloudServer[]> } {
  const seen = new Map<string, { readonly pid: number; readonly boots: number }>();
  let paused: readonly string[] = [];
  const stateOf = async (guest: Guest, boots: number) => {
    const pid = await host.qemuPidOf(guest).catch(() => 0);
    if (pid === 0 || !isRunning(pid)) return shutOff;
    const known = seen.get(guest.name);
    if (known !== undefined && known.pid !== pid && known.boots === boots) return shutOff;
    seen.set(guest.name, { pid, boots });
    return paused.includes(guest.name) || (await isStopped(pid)) ? asleep : running;
  };
  const toServer = async (guest: Guest): Promise<CloudServer> => {
    const boots = (await host.bootsOf(guest)).length;
    const common = { id: guest.uuid, name: guest.name, taskState: null, fault: undefined, ip: "127.0.0.1", boots };
    return { ...common, ...(await stateOf(guest, boots)) };
  };
  return {
    async servers() {
      // while the daemon is away nobody pauses anything
      const list = await host.virsh("list", "--state-paused", "--name").catch(() => paused.join("\n"));
      paused = list.split("\n").map((it) => it.trim());
      return Promise.all(host.guests.map(toServer));
    },
  };
}

async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // after the name in parentheses
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}
