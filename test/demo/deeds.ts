import { systemClock } from "../../src/app/clock.ts";
import { messageOf } from "../../src/core/errors.ts";
import type { Explanations } from "./explanations.ts";
import type { News } from "./news.ts";
import type { Picture } from "./picture.ts";
import type { Replicas } from "./replicas.ts";
import type { DemoWorld } from "./world.ts";

/** What can be done to the world, by keys and by the story. Each deed is news. */
export class Deeds {
  readonly #world: DemoWorld;
  readonly #replicas: Replicas;
  readonly #explanations: Explanations;
  readonly #news: News;

  constructor(world: DemoWorld, replicas: Replicas, explanations: Explanations, news: News) {
    this.#world = world;
    this.#replicas = replicas;
    this.#explanations = explanations;
    this.#news = news;
  }

  /** Pulls the plug of a machine; one that is off is switched on by hand. */
  plug(node: string, who = "you"): void {
    const { machines } = this.#world;
    if (machines.state(node) === "off") {
      machines.switchOn(node).then(
        () => this.#tell(who, `switched ${node} on by hand`),
        (error: unknown) => this.#tell(who, `could not switch ${node} on: ${messageOf(error)}`),
      );
    } else {
      machines.pullPlug(node);
      this.#tell(who, `pulled the plug of ${node}`);
    }
  }

  /** The machine stays on and does nothing any more. */
  hang(node: string): void {
    const { machines } = this.#world;
    if (machines.state(node) !== "on") {
      this.#tell("you", `${node} does not run; only a running machine can hang`);
    } else {
      machines.hang(node);
      this.#tell("you", `made ${node} hang: it is on, and nothing runs`);
    }
  }

  async togglePause({ isPaused }: Picture): Promise<void> {
    try {
      await this.#explanations.setPause(!isPaused);
      this.#tell("you", isPaused ? "resumed Aceso" : "paused Aceso: no new act until it is resumed");
    } catch (error) {
      this.#tell("you", `could not ${isPaused ? "resume" : "pause"}: ${messageOf(error)}`);
    }
  }

  killLeader({ leader }: Picture): void {
    const isKilled = leader !== undefined && this.#replicas.kill(leader);
    this.#tell("you", isKilled ? `killed the leader ${leader} (SIGKILL)` : "found no leader to kill");
  }

  #tell(who: string, text: string): void {
    this.#news.add({ atWallMs: systemClock.now().wallMs, who, text });
  }
}
