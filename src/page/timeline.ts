import type { Ward, WardPhase, WardRepair } from "../http/ward.ts";
import { el, icon, KeyedList, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { runningTime, setTime } from "./live-times.ts";
import { between } from "./phase-track.ts";
import { wordsOf } from "./words.ts";

/** The last repairs of the cluster, newest first, and where their time went. */
export function timelineView(): View<Ward> {
  const list = el("ol", { class: "timeline" });
  const repairs = new KeyedList<WardRepair>(list, ({ node, startedAt }) => `${node} ${startedAt}`, repairView);
  const none = el("p", { class: "quiet" }, "No repair has ended yet.");
  const element = el("section", { class: "panel" }, el("h2", {}, "Last repairs"), list, none);
  return {
    element,
    update({ timeline }) {
      repairs.update(timeline);
      show(none, timeline.length === 0);
    },
  };
}

function repairView(): View<WardRepair> {
  const picture = icon("well");
  const node = el("strong");
  const outcome = el("span", { class: "outcome" });
  const about = el("span", { class: "quiet" });
  const endedAt = runningTime("ago", { class: "quiet" });
  const bar = el("div", { class: "bar", "aria-hidden": "true" });
  const phases = el("p", { class: "quiet small" });
  const element = el(
    "li",
    { class: "past-repair" },
    picture,
    el("div", {}, el("p", {}, node, " ", outcome, " ", about, " ", endedAt), bar, phases),
  );
  const parts = new KeyedList<WardPhase>(bar, ({ phase, startedAt }) => `${phase} ${startedAt}`, partView);
  return {
    element,
    update(repair) {
      const words = wordsOf(repair.outcome);
      setAttribute(element, "data-tone", words.tone);
      setIcon(picture, words.tone);
      setText(node, repair.node);
      setText(outcome, repair.outcome === "Held" ? `held (${repair.reason})` : words.word.toLowerCase());
      const rung = repair.rung === null ? "" : ` by ${repair.rung}`;
      setText(about, `after ${between(repair.startedAt, repair.endedAt)}${rung},`);
      setTime(endedAt, repair.endedAt);
      parts.update(repair.phases);
      show(bar, repair.phases.length > 0);
      setText(
        phases,
        repair.phases
          .map((each) => `${each.phase} ${between(each.startedAt, each.endedAt ?? repair.endedAt)}`)
          .join(" · "),
      );
    },
  };
}

/** As wide as the phase was long, yet never too thin to be seen. */
function partView(): View<WardPhase> {
  const element = el("span", { class: "bar-part" });
  return {
    element,
    update({ phase, startedAt, endedAt }) {
      const ms = Date.parse(endedAt ?? startedAt) - Date.parse(startedAt);
      element.style.flexGrow = String(Math.max(1, ms));
      setAttribute(element, "data-phase", phase);
    },
  };
}
