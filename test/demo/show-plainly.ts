import { systemClock } from "../../src/app/clock.ts";
import type { Stage } from "./demo.ts";
import { differences, plainLine, progressText } from "./plain.ts";

const lookMs = 200;
/** After this long without a word the progress is told. */
const quietMs = 5_000;

/** Tells everything in lines, until the signal aborts. */
export async function showPlainly({ look, news, signal }: Stage): Promise<void> {
  const begunWallMs = systemClock.now().wallMs;
  let saidMonoMs = systemClock.now().monoMs;
  news.onLine((line) => {
    if (signal.aborted) return;
    saidMonoMs = systemClock.now().monoMs;
    process.stdout.write(`${plainLine(line, begunWallMs)}\n`);
  });
  let before = look();
  while (!signal.aborted) {
    await systemClock.sleep(lookMs, signal).catch(() => undefined);
    const picture = look();
    const say = (text: string) => news.add({ atWallMs: picture.wallMs, who: "cluster", text });
    for (const text of differences(before, picture)) say(text);
    before = picture;
    const progress = progressText(picture);
    if (progress !== undefined && systemClock.now().monoMs - saidMonoMs >= quietMs) say(progress);
  }
}
