import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import { ApiServers } from "./api-servers.ts";
import type { KubeAccess } from "./kube-access.ts";
import { KubeRest } from "./rest.ts";

/** Calls to the servers of `access`. Whoever owns it runs `rest.run(signal)` and ends with `access.close()`. */
export function connect(access: KubeAccess, clock: Clock, log: Log, meter: Meter): KubeRest {
  const servers = new ApiServers(access.servers, clock, log, meter);
  return new KubeRest({ access, servers, clock, meter });
}
