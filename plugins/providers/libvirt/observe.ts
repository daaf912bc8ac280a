import type { PowerAnswer, PowerState } from "../../../src/plugin-api/index.ts";
import { powerOf } from "./domain-state.ts";
import { describePlace, describeUnreached, type Sighting } from "./fleet.ts";

/**
 * What all hypervisors together say about a machine. Running anywhere is on. Off needs every configured hypervisor's
 * answer, at least one that knows the domain, and none with memory of it.
 */
export function judge({ places, unreached }: Sighting): PowerAnswer {
  const words = [...places.map(describePlace), ...unreached.map(describeUnreached)];
  const text = words.length === 0 ? "no configured hypervisor knows the domain" : words.join("; ");
  return {
    power: combine(
      places.map((it) => powerOf(it.state, it.hasSavedImage)),
      unreached.length === 0,
    ),
    text,
  };
}

function combine(powers: readonly PowerState[], haveAllAnswered: boolean): PowerState {
  if (powers.includes("on")) return "on";
  if (powers.includes("changing")) return "changing";
  const isOff = haveAllAnswered && powers.length > 0 && powers.every((power) => power === "off");
  return isOff ? "off" : "unknown";
}
