import { type Act, type PowerAnswer, ProviderError } from "../../../src/plugin-api/index.ts";
import { needTime } from "./in-time.ts";
import type { ComputeService } from "./nova.ts";
import { refusal } from "./refusal.ts";
import { isHostDown, type Server, wordsOn } from "./server.ts";
import { type ActParts, actOnServer, commonObstacle, type Verdict } from "./server-acts.ts";

/**
 * Servers on a compute host that is down, for clouds whose operator asserts (`host-fencing: asserted`) that such a host
 * is fenced: it cannot run a guest any more. Needs admin rights in Nova.
 */
export class FencedHosts {
  readonly #parts: ActParts;

  constructor(parts: ActParts) {
    this.#parts = parts;
  }

  /** Off by the operator's assertion, when the host is down and forced down. Undefined: Nova's record counts. */
  async power(server: Server, signal: AbortSignal): Promise<PowerAnswer | undefined> {
    if (!isHostDown(server) || server.host === undefined) return undefined;
    const service = await this.#parts.nova.computeService(server.host, signal);
    if (service === undefined || !isFenced(service)) return undefined;
    const because = `off by assertion: host ${server.host} is down and forced down (host-fencing: asserted)`;
    return { power: "off", text: `${because}; ${wordsOn(server)}` };
  }

  /** Tells Nova that the host is fenced. @returns false when the server's host is not down: switch it off instead */
  async powerOff(act: Act): Promise<boolean> {
    if ((await this.#downService(act, "fencing")) === undefined) return false;
    await act.mayAct();
    // To ask whether it may took its time, and this act is about everybody on that host.
    const found = await this.#downService(act, "fencing");
    if (found === undefined) return false;
    if (found.service.isForcedDown) return true;
    needTime(act, `forcing compute host ${found.server.host} down`);
    const answer = await this.#parts.nova.forceDown(found.service, act.signal);
    if (answer.status === 200) return true;
    throw refusal(`forcing compute host ${found.server.host} down for server ${act.machine}`, answer, "act");
  }

  /** Starts the server on another host. @returns false when the server's host is not down: switch it on instead */
  async powerOn(act: Act): Promise<boolean> {
    const found = await this.#downService(act, "evacuating");
    if (found === undefined || !found.service.isForcedDown) return false;
    await actOnServer(this.#parts, act, {
      kind: "evacuate",
      doing: "evacuating",
      body: { evacuate: {} },
      judge(server): Verdict {
        if (!isHostDown(server)) return "done";
        // Nova would begin another one beside it, and then the server might run twice.
        if (isBeingRebuilt(server)) return busy("evacuating", server);
        // A task that was left behind does not stop an evacuation.
        return commonObstacle("evacuating", { ...server, taskState: null }) ?? "send";
      },
    });
    return true;
  }

  async #downService(act: Act, doing: string): Promise<{ server: Server; service: ComputeService } | undefined> {
    const server = await this.#parts.nova.find(act.machine, act.signal);
    if (server === undefined || !isHostDown(server)) return undefined;
    if (server.host === undefined) {
      const problem = `openstack: ${doing} server ${act.machine}: its host is not shown to this user`;
      throw new ProviderError(`${problem}; host-fencing: asserted needs admin rights in Nova`, "ask-operator");
    }
    const service = await this.#parts.nova.computeService(server.host, act.signal);
    return service?.state === "down" ? { server, service } : undefined;
  }
}

function isBeingRebuilt({ status, taskState }: Server): boolean {
  return status === "REBUILD" || taskState?.startsWith("rebuild") === true;
}

function busy(doing: string, server: Server): ProviderError {
  const problem = `openstack: ${doing} server ${server.id} (${server.name}): it is busy`;
  return new ProviderError(`${problem}: ${wordsOn(server)}`, "retry");
}

function isFenced({ state, isForcedDown }: ComputeService): boolean {
  return state === "down" && isForcedDown;
}
