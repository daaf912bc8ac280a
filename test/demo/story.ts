import { systemClock } from "../../src/app/clock.ts";
import type { Deeds } from "./deeds.ts";
import type { Picture } from "./picture.ts";

const lookMs = 200;
/** People see the healthy cluster first. */
const calmMs = 2_000;

/** How it went. `ms`: from the loss of the machine until its node was back. */
export type Ending =
  | { readonly ok: true; readonly node: string; readonly ms: number }
  | { readonly ok: false; readonly why: string };

/**
 * One machine loses its power, and everything is watched until its node is back in service.
 *
 * @param withinMs for all of it @throws the signal's reason when it aborts
 */
export async function tellStory(
  look: () => Picture,
  deeds: Deeds,
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<Ending> {
  const endsAtMs = systemClock.now().monoMs + withinMs;
  const until = async (isTrue: (picture: Picture) => boolean): Promise<Picture | undefined> => {
    for (;;) {
      const picture = look();
      if (isTrue(picture)) return picture;
      if (systemClock.now().monoMs >= endsAtMs) return undefined;
      await systemClock.sleep(lookMs, signal);
    }
  };
  const late = (what: string): Ending => ({ ok: false, why: `not within ${withinMs / 1_000} s: ${what}` });

  const led = await until(({ leader, replicas }) => leader !== undefined && replicas.every(({ isAlive }) => isAlive));
  if (led === undefined) return late("a replica that leads");
  await systemClock.sleep(calmMs, signal);
  const victim =
    look().nodes.find(({ pods }) => pods.some((pod) => pod.startsWith("db-")))?.name ?? look().nodes.at(-1)?.name ?? "";
  deeds.plug(victim, "demo");
  const back = await until((picture) => isBack(picture, victim));
  if (back !== undefined) return { ok: true, node: victim, ms: back.progress?.passedMs ?? 0 };
  const { repair, explanation } = look();
  return late(`${victim} back in service; it is in phase ${repair?.phase ?? "none"}. ${explanation?.sentence ?? ""}`);
}

/** Healed by its record, Ready without marks by its Node, and all pods run. */
function isBack({ nodes, repair, progress }: Picture, name: string): boolean {
  const node = nodes.find((each) => each.name === name);
  const isHealed = repair?.node === name && repair.phase === "Healed" && progress?.isOver === true;
  const isWell = node?.ready === "Ready" && node.machine === "on" && node.marks.length === 0;
  const pods = nodes.flatMap((each) => each.pods);
  return isHealed && isWell && pods.length === 6 && pods.every((pod) => /\w$/.test(pod));
}
