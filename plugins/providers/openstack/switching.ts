import { ProviderError } from "../../../src/plugin-api/index.ts";
import { isRunning, isStopped } from "./power.ts";
import { isHostDown, type Server, wordsOn } from "./server.ts";
import { commonObstacle, type ServerAct, strangeState, type Verdict } from "./server-acts.ts";

/**
 * `os-stop`: Nova asks the guest by ACPI, and destroys it when it has not ended after the cloud's `shutdown_timeout`
 * (60 s unless the image says otherwise). Also ends ERROR.
 */
export const stop: ServerAct = {
  kind: "stop",
  doing: "stopping",
  body: { "os-stop": null },
  judge(server): Verdict {
    if (isStopped(server)) return "done";
    // A stop that nobody can carry out stays pending, and would switch a healthy machine off when its host returns.
    if (isHostDown(server)) return deadHost("stopping", server);
    const obstacle = commonObstacle("stopping", server);
    if (obstacle !== undefined) return obstacle;
    return server.status === "ACTIVE" || server.status === "ERROR" ? "send" : strangeState("stopping", server);
  },
};

/** `os-start`, of a stopped server only: Nova refuses any other. */
export const start: ServerAct = {
  kind: "start",
  doing: "starting",
  body: { "os-start": null },
  judge(server): Verdict {
    if (isRunning(server)) return "done";
    if (isHostDown(server)) return deadHost("starting", server);
    const obstacle = commonObstacle("starting", server);
    if (obstacle !== undefined) return obstacle;
    if (server.status === "SHUTOFF") return "send";
    return server.status === "ERROR" ? broken("starting", server) : unsettledOr("starting", server);
  },
};

/** Soft: the guest reboots itself, Nova resets it when it does not. Hard: destroyed and started anew. */
export function reboot(type: "soft" | "hard"): ServerAct {
  const doing = `${type}-rebooting`;
  return {
    kind: "reboot",
    doing,
    body: { reboot: { type: type.toUpperCase() } },
    judge(server): Verdict {
      if (isHostDown(server)) return deadHost(doing, server);
      const obstacle = commonObstacle(doing, server);
      if (obstacle !== undefined) return obstacle;
      if (server.status === "ACTIVE") return "send";
      if (server.status !== "SHUTOFF" && server.status !== "ERROR") return strangeState(doing, server);
      return type === "hard" ? "send" : broken(doing, server);
    },
  };
}

/** ACTIVE by one word and not by another: Nova has not settled yet. */
function unsettledOr(doing: string, server: Server): ProviderError {
  if (server.status !== "ACTIVE") return strangeState(doing, server);
  return new ProviderError(`openstack: ${doing} server ${server.id} (${server.name}): ${wordsOn(server)}`, "retry");
}

function broken(doing: string, server: Server): ProviderError {
  const problem = `openstack: ${doing} server ${server.id} (${server.name}): not possible with ${wordsOn(server)}`;
  return new ProviderError(problem, "give-up");
}

export function deadHost(doing: string, server: Server): ProviderError {
  const problem = `openstack: ${doing} server ${server.id} (${server.name}): its compute host is ${server.hostStatus}`;
  return new ProviderError(`${problem}; nothing was sent: Nova would do it whenever the host returns`, "retry");
}
