import type { NodePicture, Picture } from "../../demo/picture.ts";

const names = ["cp-1", "cp-2", "cp-3", "worker-1", "worker-2", "worker-3"];

/** A node that is well, or what is said of it. */
export function nodePicture(name: string, said: Partial<NodePicture> = {}): NodePicture {
  return { name, ready: "Ready", leaseAgeMs: 1_000, machine: "on", marks: [], pods: [], ...said };
}

/** Six nodes that are well, or what is said of them. */
export function aPicture(said: Partial<Picture> = {}): Picture {
  return {
    wallMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    elapsedMs: 65_000,
    leader: "aceso-1",
    replicas: [
      { name: "aceso-1", isAlive: true },
      { name: "aceso-2", isAlive: true },
    ],
    isPaused: false,
    nodes: names.map((name) => nodePicture(name)),
    focus: undefined,
    repair: undefined,
    progress: undefined,
    explanation: undefined,
    others: [],
    news: [],
    ...said,
  };
}

/** worker-1 in the middle of its repair. */
export function repairingPicture(said: Partial<Picture> = {}): Picture {
  const lost = nodePicture("worker-1", {
    ready: "Unknown",
    leaseAgeMs: 17_000,
    machine: "off",
    marks: ["cordon", "out-of-service"],
    pods: ["db-0-"],
  });
  return aPicture({
    nodes: names.map((name) => (name === "worker-1" ? lost : nodePicture(name))),
    focus: "worker-1",
    progress: { node: "worker-1", passedMs: 15_000, remainingMs: 15_000, isOver: false },
    repair: {
      node: "worker-1",
      phase: "Releasing",
      passed: [
        { phase: "Cordoning", ms: 200 },
        { phase: "Fencing", ms: 5_500 },
        { phase: "Releasing", ms: 1_000 },
      ],
      ladder: ["power-cycle", "rebuild"],
      rung: "power-cycle",
      attempt: 1,
      evidence: [
        { source: "exec", machine: "vm-worker-1", text: "power off", atWallMs: Date.UTC(2026, 0, 2, 3, 4, 1) },
      ],
    },
    explanation: {
      state: "Releasing",
      sentence: "worker-1 is off; its pods and volumes are being freed: 2 pods of a machine that is off.",
      next: { what: "Then the machine is brought back.", afterMs: 299_000 },
    },
    others: ["worker-3: Held (max-parallel)"],
    news: [{ atWallMs: Date.UTC(2026, 0, 2, 3, 4, 2), who: "aceso-1", text: "worker-1 enters Releasing" }],
    ...said,
  });
}
