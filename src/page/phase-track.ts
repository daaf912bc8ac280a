import type { WardRepairNow } from "../http/ward.ts";
import { el, icon, KeyedList, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { runningTime, setTime } from "./live-times.ts";
import { type LadderStep, ladderOf, type Step, stepsOf } from "./repair-steps.ts";
import { spanText } from "./spans.ts";

const places = { done: "done", now: "now", ahead: "to come" } as const;
const pictures = { done: "done", now: "act", ahead: "ahead" } as const;

/** The phases of a repair in order, with how long each took, and its ladder. */
export function phaseTrack(): View<WardRepairNow> {
  const list = el("ol", { class: "track" });
  const steps = new KeyedList<Step>(list, ({ key }) => key, stepView);
  const rungs = el("ol", { class: "ladder" });
  const ladder = new KeyedList<LadderStep>(rungs, ({ rung }) => rung, rungView);
  const attempt = el("span", { class: "quiet" });
  const none = el("span", {}, "none: fenced locally, without a provider");
  const ladderLine = el(
    "div",
    { class: "ladder-line" },
    el("span", { class: "label" }, "Ladder"),
    rungs,
    none,
    attempt,
  );
  const element = el("div", { class: "repair" }, list, ladderLine);
  return {
    element,
    update(repair) {
      steps.update(stepsOf(repair));
      ladder.update(ladderOf(repair));
      show(rungs, repair.ladder.length > 0);
      show(none, repair.ladder.length === 0);
      setText(attempt, repair.rung === null || repair.attempt < 1 ? "" : `attempt ${repair.attempt}`);
    },
  };
}

function stepView(): View<Step> {
  const picture = icon("ahead");
  const name = el("span", { class: "step-name" });
  const place = el("span", { class: "unseen" });
  const took = el("span", { class: "step-time" });
  const running = runningTime("for", { class: "step-time" });
  const element = el("li", {}, picture, name, place, took, running);
  return {
    element,
    update(step) {
      setAttribute(element, "class", `step is-${step.place}`);
      setAttribute(element, "aria-current", step.place === "now" ? "step" : undefined);
      setIcon(picture, pictures[step.place]);
      setText(name, step.phase);
      setText(place, places[step.place]);
      setText(
        took,
        step.startedAt === undefined || step.endedAt === undefined ? "" : between(step.startedAt, step.endedAt),
      );
      setTime(running, step.place === "now" ? step.startedAt : undefined);
    },
  };
}

function rungView(): View<LadderStep> {
  const name = el("span");
  const place = el("span", { class: "unseen" });
  const element = el("li", {}, name, place);
  return {
    element,
    update(step) {
      setAttribute(element, "class", `rung is-${step.place}`);
      setAttribute(element, "aria-current", step.place === "now" ? "step" : undefined);
      setText(name, step.rung);
      setText(place, step.place === "done" ? "tried" : step.place === "now" ? "now" : "if that does not help");
    },
  };
}

/** How long it was from one point in time to another. */
export function between(startedAt: string, endedAt: string): string {
  return spanText(Date.parse(endedAt) - Date.parse(startedAt));
}
