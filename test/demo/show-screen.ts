import { systemClock } from "../../src/app/clock.ts";
import type { Stage } from "./demo.ts";
import { press, type Wish } from "./keys.ts";
import { renderScreen } from "./screen.ts";
import { Terminal } from "./terminal.ts";

const redrawMs = 200;

/** Draws the live screen and follows the keys, until the signal aborts. */
export async function showScreen(stage: Stage): Promise<void> {
  const { look, signal } = stage;
  const hasColor = (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
  let isHangNext = false;
  const draw = () => {
    const { columns, rows } = terminal;
    terminal.draw(renderScreen(look(), { columns, rows, hasColor, isHangNext }));
  };
  const onKey = (key: string) => {
    const pressed = press(key, isHangNext, look().nodes.length);
    isHangNext = pressed.isHangNext;
    if (pressed.wish !== undefined) grant(pressed.wish, stage);
    draw();
  };
  const terminal = new Terminal(process.stdout, process.stdin.isTTY ? process.stdin : undefined, onKey);
  try {
    while (!signal.aborted) {
      draw();
      await systemClock.sleep(redrawMs, signal).catch(() => undefined);
    }
  } finally {
    terminal.close();
  }
}

function grant(wish: Wish, { look, deeds, quit }: Stage): void {
  const picture = look();
  if (wish.kind === "plug") deeds.plug(picture.nodes[wish.machine]?.name ?? "");
  else if (wish.kind === "hang") deeds.hang(picture.nodes[wish.machine]?.name ?? "");
  else if (wish.kind === "pause") void deeds.togglePause(picture);
  else if (wish.kind === "kill-leader") deeds.killLeader(picture);
  else quit();
}
