import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/app/clock.ts";
import { Webhook, type WebhookSettings } from "../../../src/notify/webhook.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { EventNote } from "../../../src/ports/events.ts";
import * as make from "../../support/core-builders.ts";
import { eventually } from "../../support/eventually.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";

export const secret = "a secret of thirty-two characters";

interface SkippingClock extends Clock {
  readonly sleeps: readonly number[];
  skip(ms: number): void;
  /** Sleeps are not over before the returned function is called. */
  holdSleeps(): () => void;
}

/** The machine's clock, but sleeps are over at once and have taken their time all the same. */
function skippingClock(): SkippingClock {
  let skippedMs = 0;
  let gate = Promise.resolve();
  const sleeps: number[] = [];
  const now = () => {
    const { monoMs, wallMs } = systemClock.now();
    return { monoMs: monoMs + skippedMs, wallMs: wallMs + skippedMs };
  };
  return {
    now,
    sleeps,
    skip(ms) {
      skippedMs += ms;
    },
    holdSleeps() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    deadline: systemClock.deadline,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      skippedMs += ms;
      await gate;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A webhook with a folder for its files. */
export async function webhookRig(settings: Partial<WebhookSettings> & { readonly url: string }) {
  const folder = await mkdtemp(join(tmpdir(), "aceso-webhook-"));
  const file = (name: string) => join(folder, name);
  await writeFile(file("secret"), `${secret}\n`);
  const clock = skippingClock();
  const log = recordingLog();
  const meter = recordingMeter();
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  const webhook = new Webhook(
    {
      secretFile: file("secret"),
      caFile: undefined,
      timeoutMs: 5_000,
      isWarningsOnly: false,
      cluster: "east",
      ...settings,
    },
    { clock, log, meter, newId },
  );
  const count = (result: string) => meter.counts.get(`aceso_notifications_total{result=${result}}`) ?? 0;
  return {
    ...{ webhook, clock, log, file, count },
    /** Waits until so many have ended so. */
    until: (result: string, least = 1) =>
      eventually(`${least} notifications ${result}`, () => Promise.resolve(count(result) >= least), {
        withinMs: 15_000,
        everyMs: 5,
      }),
    async [Symbol.asyncDispose]() {
      await webhook.flush(AbortSignal.abort(new Error("the test is over")));
      await rm(folder, { recursive: true });
    },
  };
}

/** A phase of a repair. */
export function phaseNote(node = "n1", changes: Partial<EventNote> = {}): EventNote {
  const record = make.record({ node, phase: "Fencing", message: "cordoned" });
  const note = `${node} is being fenced (cordoned)`;
  return {
    node,
    nodeUid: `uid-${node}`,
    type: "Normal",
    reason: "RepairFencing",
    action: "Fencing",
    note,
    record,
    ...changes,
  };
}

/** A node on which no repair begins. */
export const holdNote: EventNote = {
  node: "n2",
  nodeUid: "uid-n2",
  type: "Warning",
  reason: "RepairHeldBack",
  action: "Deciding-paused",
  note: "paused: A person paused Aceso.",
  hold: "paused",
};
