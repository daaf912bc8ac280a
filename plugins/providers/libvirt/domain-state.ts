import type { PowerState } from "../../../src/plugin-api/index.ts";
import type { DomainState } from "./rpc/procedures.ts";

/** virDomainState */
export const states = {
  running: 1,
  blocked: 2,
  paused: 3,
  shuttingDown: 4,
  shutOff: 5,
  crashed: 6,
  suspended: 7,
} as const;

/** virDomainShutoffReason, what of it we act on. */
export const shutOffReasons = { migrated: 4 } as const;

const names: Readonly<Record<number, string>> = {
  1: "running",
  2: "blocked",
  3: "paused",
  4: "shutting down",
  5: "shut off",
  6: "crashed",
  7: "suspended",
};

/** Reasons worth showing, by state. */
const reasons: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: { 1: "booted", 2: "migrated", 3: "restored", 5: "unpaused" },
  3: { 1: "by a person", 2: "migrating", 3: "saving", 5: "I/O error", 11: "starting" },
  5: { 1: "shut down", 2: "destroyed", 3: "crashed", 4: "migrated", 5: "saved", 6: "failed to start" },
};

/** As `shut off (destroyed)`. */
export function describeState({ state, reason }: DomainState): string {
  const name = names[state] ?? `state ${state}`;
  const because = reasons[state]?.[reason];
  return because === undefined ? name : `${name} (${because})`;
}

/** Has a QEMU process that holds the machine's memory. */
export function isActive({ state }: DomainState): boolean {
  return state !== states.shutOff;
}

export function isRunning({ state }: DomainState): boolean {
  return state === states.running || state === states.blocked;
}

/** What one hypervisor's word proves. Off only without memory to resume from: a saved image, paused or crashed is none. */
export function powerOf(state: DomainState, hasSavedImage: boolean): PowerState {
  if (isRunning(state)) return "on";
  if (state.state === states.shuttingDown) return "changing";
  return state.state === states.shutOff && !hasSavedImage ? "off" : "unknown";
}
