import { expect, test } from "vitest";
import { type Blow, playReplace, type ReplaceCase } from "./replace-run.ts";

/** Kills the acting replica, or cuts its answers off, at each step of a replacement: nothing takes place twice. */
export function replaceCrash(chosen: ReplaceCase): void {
  test(`replacing ${chosen.name} survives a blow at every write and every act`, { timeout: 300_000 }, async () => {
    const smooth = await playReplace(chosen, undefined);
    expect(smooth).toMatchObject({ phase: "Healed", reason: "replaced", accepted: chosen.acts, broken: [] });
    const failures: string[] = [];
    const ends = new Map<string, number>();
    for (const blow of blows(chosen, smooth.writes)) {
      const name =
        blow.how === "lost"
          ? `answer lost at ${blow.at} ${blow.number}`
          : `killed ${blow.how} ${blow.at} ${blow.number}`;
      const { phase, reason, accepted, broken } = await playReplace(chosen, blow).catch((error: Error) => ({
        phase: "never ended",
        reason: "",
        accepted: [],
        broken: [error.message],
      }));
      const end = phase === "Held" ? `Held (${reason}) after ${accepted.join(", ") || "nothing"}` : phase;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      for (const sentence of broken) failures.push(`${name}: ${sentence}`);
    }
    process.stdout.write(
      `replacing ${chosen.name}: ${[...ends].map(([end, count]) => `${count} ${end}`).join("; ")}\n`,
    );
    expect(failures).toEqual([]);
    expect([...ends.keys()]).toContain("Healed");
  });
}

function blows({ acts }: ReplaceCase, writes: number): readonly Blow[] {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const kills = ["before", "after"] as const;
  return [
    ...numbers(writes).flatMap((number) => kills.map((how): Blow => ({ at: "write", number, how }))),
    ...numbers(acts.length).flatMap((number) =>
      [...kills, "lost" as const].map((how): Blow => ({ at: "act", number, how })),
    ),
  ];
}
