import type { Ward, WardObserver } from "../http/ward.ts";
import { el, icon, KeyedList, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { number, replicaName } from "./headline.ts";
import { runningTime, setTime } from "./live-times.ts";

interface ObserverModel {
  readonly observer: WardObserver;
  readonly isLeader: boolean;
}

/** The replicas: who leads, who looks, and whom each of them takes for ill. */
export function staffView(): View<Ward> {
  const list = el("ul", { class: "observers" });
  const observers = new KeyedList<ObserverModel>(list, ({ observer }) => observer.instance, observerView);
  const none = el("p", { class: "quiet" }, "No replica has published a report.");
  const leader = el("p", { class: "quiet" });
  const about = el("p", { class: "quiet small" });
  const notes = el("ul", { class: "quiet small notes", "aria-label": "What is not known here" });
  const noteList = new KeyedList<string>(notes, (note) => note, lineView);
  const element = el(
    "section",
    { class: "panel" },
    el("h2", {}, "Leader and observers"),
    leader,
    list,
    none,
    notes,
    about,
  );
  return {
    element,
    update(ward) {
      const { instance } = ward.leader ?? {};
      observers.update(
        ward.observers.map((observer) => ({
          observer,
          isLeader: observer.instance === instance,
        })),
      );
      show(none, ward.observers.length === 0);
      const isListed = ward.observers.some((observer) => observer.instance === instance);
      setText(
        leader,
        instance === undefined
          ? "Nobody leads."
          : isListed
            ? ""
            : `${replicaName(instance)} leads; it has published no report.`,
      );
      show(leader, leader.textContent !== "");
      const provider = ward.provider === "none" ? "no provider: fencing is local" : `provider ${ward.provider}`;
      noteList.update(ward.notes);
      show(notes, ward.notes.length > 0);
      setText(
        about,
        `Aceso ${ward.version}, ${provider}, configured by ${ward.configSource}. Shown by ${replicaName(ward.servedBy.instance)}.`,
      );
    },
  };
}

function observerView(): View<ObserverModel> {
  const picture = icon("well");
  const name = el("strong");
  const place = el("span", { class: "quiet" });
  const leads = el("span", { class: "mark" }, icon("leader"), "leads");
  const seenAt = runningTime("ago");
  const state = el("span", {});
  const suspects = el("p");
  const names = el("ul", { class: "chips" });
  const chips = new KeyedList<string>(names, (node) => node, lineView);
  const element = el(
    "li",
    { class: "observer" },
    picture,
    el(
      "div",
      {},
      el("p", {}, name, " ", leads, " ", place),
      el("p", { class: "quiet" }, state, seenAt),
      suspects,
      names,
    ),
  );
  return {
    element,
    update({ observer, isLeader }) {
      setAttribute(element, "data-tone", observer.isFresh ? (observer.suspectsSelf ? "watch" : "well") : "ill");
      setIcon(picture, observer.isFresh ? (observer.suspectsSelf ? "watch" : "well") : "ill");
      setText(name, replicaName(observer.instance));
      setAttribute(name, "title", observer.instance);
      setText(place, `on ${observer.node}`);
      show(leads, isLeader);
      setText(state, observer.isFresh ? "Fresh; report " : "Out of date: its votes do not count; report ");
      setTime(seenAt, observer.seenAt);
      setText(suspects, suspectsText(observer));
      chips.update(observer.failing);
      show(names, observer.failing.length > 0);
    },
  };
}

function suspectsText({ failing, failingCount, suspectsSelf }: WardObserver): string {
  const self = suspectsSelf ? "Suspects itself: it sees most nodes fail, and says unknown of all. " : "";
  if (failingCount === 0) return `${self}Sees no node fail.`;
  const first = failingCount > failing.length ? `, of which the first ${failing.length} are` : "";
  return `${self}Sees ${number(failingCount)} ${failingCount === 1 ? "node" : "nodes"} fail${first}:`;
}

function lineView(text: string): View<string> {
  return { element: el("li", {}, text), update: () => {} };
}
