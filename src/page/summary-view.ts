import type { Ward } from "../http/ward.ts";
import { el, icon, KeyedList, setAttribute, setIcon, setText, type View } from "./dom.ts";
import { type Count, headlineOf, number } from "./headline.ts";

/** The one look: a sentence, and how many nodes are how. */
export function summaryView(): View<Ward> {
  const picture = icon("watch");
  const title = el("h1", {}, "Looking at the nodes…");
  const detail = el("p", { class: "summary-detail" });
  const counts = el("ul", { class: "counts", "aria-label": "Nodes by state" });
  const list = new KeyedList<Count>(counts, ({ tone }) => tone, countView);
  const element = el(
    "section",
    { class: "summary" },
    el("div", { class: "summary-head" }, el("span", { class: "badge big" }, picture), el("div", {}, title, detail)),
    counts,
  );
  return {
    element,
    update(ward) {
      const headline = headlineOf(ward);
      setAttribute(element, "data-tone", headline.tone);
      setIcon(picture, headline.tone);
      setText(title, headline.title);
      setText(detail, headline.detail);
      list.update(headline.counts);
    },
  };
}

function countView({ tone }: Count): View<Count> {
  const count = el("strong");
  const word = el("span");
  const element = el("li", { class: "count", "data-tone": tone }, icon(tone), count, word);
  return {
    element,
    update(model) {
      setText(count, number(model.count));
      setText(word, model.word);
      element.style.flexGrow = String(Math.max(1, Math.log2(model.count + 1)));
    },
  };
}
