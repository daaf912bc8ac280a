import type { NewsLine, NodePicture, Picture } from "./picture.ts";

/** A line of news with the seconds since the demo began. */
export function plainLine({ atWallMs, who, text }: NewsLine, begunWallMs: number): string {
  const seconds = ((atWallMs - begunWallMs) / 1_000).toFixed(1);
  return `${seconds.padStart(6)} s  ${who.padEnd(8)}  ${text.replace(/\p{Cc}+/gu, " ")}`;
}

/** What became different from one picture to the next, that is no news of anybody: nodes, machines, pods. */
export function differences(before: Picture, after: Picture): string[] {
  const nodes = after.nodes.flatMap((node) => {
    const old = before.nodes.find(({ name }) => name === node.name);
    return old === undefined ? [] : differencesOf(old, node);
  });
  return [...nodes, ...movedPods(before, after), ...newEvidence(before, after)];
}

/** Where a repair is, for a quiet while. */
export function progressText({ progress, repair, explanation }: Picture): string | undefined {
  if (progress === undefined || progress.isOver) return undefined;
  const state = stateText(repair, explanation);
  const left = progress.remainingMs === undefined ? "waits" : `about ${Math.ceil(progress.remainingMs / 1_000)} s left`;
  return `${progress.node}: ${state}, ${left}`;
}

/** One word or two for what Aceso does about the node in focus. */
export function stateText(repair: Picture["repair"], explanation: Picture["explanation"]): string {
  if (repair !== undefined) return repair.phase;
  return explanation === undefined || explanation.state === "Well" ? "not noticed yet" : explanation.state;
}

function differencesOf(before: NodePicture, after: NodePicture): string[] {
  const told: string[] = [];
  if (before.machine !== after.machine) told.push(`the machine of ${after.name} is ${after.machine}`);
  if (before.ready !== after.ready) told.push(`${after.name} is ${after.ready}`);
  const [had, has] = [before.marks.join(" and "), after.marks.join(" and ")];
  if (had !== has) told.push(has === "" ? `${after.name} has no marks any more` : `${after.name} is marked: ${has}`);
  return told;
}

/** Who says that the machine is off, and in which words; the same words are told once a repair. */
function newEvidence(before: Picture, after: Picture): string[] {
  const known = before.repair?.node === after.repair?.node ? evidenceTexts(before) : [];
  return [...new Set(evidenceTexts(after))].filter((text) => !known.includes(text));
}

function evidenceTexts({ repair }: Picture): string[] {
  return (repair?.evidence ?? []).map(({ source, machine, text }) => `${source} says of ${machine}: ${text}`);
}

/** Pods that run on another node than before. Signs after a pod's name (look.ts) mean that it does not run well. */
function movedPods(before: Picture, after: Picture): string[] {
  const homes = new Map(before.nodes.flatMap(({ name, pods }) => pods.map((pod) => [pod, name] as const)));
  return after.nodes.flatMap(({ name, pods }) =>
    pods.filter((pod) => /\w$/.test(pod) && homes.get(pod) !== name).map((pod) => `${pod} runs on ${name}`),
  );
}
