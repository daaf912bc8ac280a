import { Objection } from "./objection.ts";
import type { Server, VmState } from "./server.ts";

interface Rule {
  /** Nova's own word for it in its refusals. */
  readonly name: string;
  readonly from: readonly VmState[];
  /** Tasks that do not stand in its way, besides none. */
  readonly duringTasks?: readonly string[];
}

/** From which states an action is accepted. */
// biome-ignore format: a table
export const rules = {
  "os-stop":   { name: "stop",      from: ["active", "error"] },
  "os-start":  { name: "start",     from: ["stopped"] },
  "soft":      { name: "reboot",    from: ["active"] },
  "hard":      { name: "reboot",    from: ["active", "stopped", "paused", "suspended", "error"], duringTasks: ["rebooting", "reboot_started"] },
  "rebuild":   { name: "rebuild",   from: ["active", "stopped", "error"] },
  "pause":     { name: "pause",     from: ["active"] },
  "unpause":   { name: "unpause",   from: ["paused"] },
  "suspend":   { name: "suspend",   from: ["active"] },
  "resume":    { name: "resume",    from: ["suspended"] },
  "rescue":    { name: "rescue",    from: ["active", "stopped", "error"] },
  "unrescue":  { name: "unrescue",  from: ["rescued"] },
  "shelve":    { name: "shelve",    from: ["active", "stopped", "paused", "suspended"] },
  "unshelve":  { name: "unshelve",  from: ["shelved_offloaded"] },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** @throws Objection 409 in the words of Nova */
export function checkAllowed(server: Server, name: RuleName, isAdmin: boolean): void {
  const rule: Rule = rules[name];
  const { id, vmState, taskState } = server;
  if (server.isLocked && !isAdmin) throw new Objection(409, `Instance ${id} is locked`);
  if (vmState === "shelved_offloaded" && (name === "os-stop" || name === "os-start")) {
    throw new Objection(409, `Instance ${id} is not ready`);
  }
  if (!rule.from.includes(vmState)) {
    throw new Objection(409, `Cannot '${rule.name}' instance ${id} while it is in vm_state ${vmState}`);
  }
  if (taskState !== null && rule.duringTasks?.includes(taskState) !== true) {
    throw new Objection(409, `Cannot '${rule.name}' instance ${id} while it is in task_state ${taskState}`);
  }
}
