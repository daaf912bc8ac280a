import { randomUUID } from "node:crypto";
import type { Config } from "../config/config.ts";
import { KubeEventRecorder } from "../kube/events.ts";
import type { KubeRest } from "../kube/rest.ts";
import { Webhook } from "../notify/webhook.ts";
import type { EventRecorder } from "../ports/events.ts";
import type { Log } from "../ports/log.ts";

/** Everybody who is told what happens: readers of Kubernetes Events and, where it is configured, a webhook. */
export function eventRecorders(config: Config, rest: KubeRest, log: Log, instance: string): EventRecorder {
  const events = new KubeEventRecorder(rest, log, instance);
  if (config.notifications === undefined) return events;
  const { clock, meter } = rest.parts;
  return both(events, new Webhook(config.notifications, { clock, log, meter, newId: randomUUID }));
}

function both(first: EventRecorder, second: EventRecorder): EventRecorder {
  return {
    record(note) {
      first.record(note);
      second.record(note);
    },
    async flush(signal) {
      await Promise.all([first.flush(signal), second.flush(signal)]);
    },
  };
}
