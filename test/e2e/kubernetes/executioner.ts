import type { AcesoProcess } from "../../support/aceso-process.ts";
import type { ApiObject } from "../../support/api-client.ts";
import type { Stage } from "../../support/e2e-stage/stage.ts";

type Watched = Pick<Stage, "recorder" | "replicas" | "repair">;

/** Kills whoever leads, and starts another replica in its place, as the kubelet would. */
export class Executioner {
  /** Who died, and the phase in which its death left the repair. */
  readonly deaths: { readonly name: string; readonly phase: string }[] = [];
  readonly #stage: Watched;
  readonly #patient: string;
  readonly #start: () => Promise<AcesoProcess>;
  readonly #starts: Promise<AcesoProcess>[] = [];
  #victim: AcesoProcess | undefined;

  /** @param start starts another replica in the place of a dead one */
  constructor(stage: Watched, patient: string, start: () => Promise<AcesoProcess>) {
    this.#stage = stage;
    this.#patient = patient;
    this.#start = start;
  }

  /** Of the patient's repair, as last seen. */
  get status(): ApiObject {
    return this.#stage.recorder.of("NodeRepair", this.#patient).at(-1)?.object.status;
  }

  get phase(): string | undefined {
    return this.status?.phase;
  }

  /** SIGKILL to the writer of what was last seen; false when that one is dead already. */
  strike(): boolean {
    const name = nameOf(this.status?.leader ?? "");
    const victim = this.#stage.replicas.find((each) => each.name === name && each.isAlive());
    victim?.signal("SIGKILL");
    this.#victim = victim;
    return victim !== undefined;
  }

  /** Waits for its end, and starts another in its place. */
  async bury(): Promise<void> {
    if (this.#victim === undefined) throw new Error("nobody was struck");
    const { name, exited } = this.#victim;
    await exited;
    this.deaths.push({ name, phase: (await this.#stage.repair(this.#patient))?.status.phase });
    // the next moment may come before this one has started
    this.#starts.push(this.#start());
  }

  /** Resolves when all that were started in place of the dead have said so. */
  async replaced(): Promise<void> {
    await Promise.all(this.#starts);
  }
}

/** A replica's instance is its name and a part that is new at each start. */
export function nameOf(instance: string): string {
  return instance.replace(/_[^_]*$/, "");
}
