import type { WardRepairNow } from "../http/ward.ts";
import { el, icon, KeyedList, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { runningTime, setTime } from "./live-times.ts";

type Reading = WardRepairNow["evidence"][number];

const meanings: Readonly<Record<string, string>> = {
  off: "off",
  on: "on",
  changing: "changing",
  unknown: "unknown",
  "confirmed-off-by-person": "off, on a person's word",
  unproven: "not proven",
};

/** Who said when that the machine is off; or that nobody did. */
export function evidenceView(): View<WardRepairNow> {
  const list = el("ul", { class: "evidence-list" });
  const readings = new KeyedList<Reading>(
    list,
    ({ source, readAt, value }) => `${readAt} ${source} ${value}`,
    readingView,
  );
  const none = el("p", { class: "quiet" }, "None yet: nobody has said that its machine is off.");
  const element = el("section", { class: "evidence" }, el("h4", {}, "Evidence of power-off"), list, none);
  return {
    element,
    update({ evidence }) {
      // the newest counts: it stands first
      readings.update(evidence.toReversed());
      show(list, evidence.length > 0);
      show(none, evidence.length === 0);
    },
  };
}

function readingView(): View<Reading> {
  const picture = icon("unknown");
  const value = el("strong");
  const source = el("span");
  const text = el("span", { class: "said" });
  const at = runningTime("ago", { class: "quiet" });
  const element = el("li", {}, picture, el("span", {}, value, " · told by ", source, " · ", at), text);
  return {
    element,
    update(reading) {
      const isOff = reading.value === "off" || reading.value === "confirmed-off-by-person";
      setAttribute(element, "class", isOff ? "reading is-off" : "reading");
      setIcon(picture, isOff ? "off" : "unknown");
      setText(value, capital(meanings[reading.value] ?? reading.value));
      setText(source, reading.source);
      setText(text, reading.text);
      setTime(at, reading.readAt);
    },
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
