import type { Line } from "./connection.ts";
import { button } from "./dialog.ts";
import { el, icon, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { countdownText, spanText } from "./spans.ts";

export interface LineModel {
  readonly line: Line;
  readonly nowMonoMs: number;
  /** Age of what is shown; undefined before anything is. */
  readonly ageMs: number | undefined;
}

/** The short word on the line, for the head of the page. */
export function lineMark(): View<LineModel> {
  const picture = icon("watch");
  const text = el("span");
  const element = el("span", { class: "line-mark" }, picture, text);
  return {
    element,
    update({ line }) {
      const [tone, name, word] = marks[line.kind];
      setAttribute(element, "data-tone", tone);
      setIcon(picture, name);
      setText(text, word);
    },
  };
}

const marks: Readonly<Record<Line["kind"], readonly [tone: string, icon: string, word: string]>> = {
  connecting: ["watch", "watch", "Connecting"],
  live: ["well", "live", "Live"],
  blind: ["ill", "lost", "Stale"],
  lost: ["ill", "lost", "Not connected"],
  refused: ["ill", "lost", "Not signed in"],
};

/** Loud, when what is shown may not be so any more. */
export function lineBanner(onRetry: () => void, onSignIn: () => void): View<LineModel> {
  const title = el("strong", { role: "alert" });
  const detail = el("span");
  const retry = button("Try now", onRetry);
  const signIn = button("Sign in", onSignIn);
  const words = el("p", {}, title, " ", detail);
  const element = el(
    "div",
    { class: "banner lost-banner", "data-tone": "ill", hidden: "" },
    icon("lost"),
    words,
    retry,
    signIn,
  );
  return {
    element,
    update({ line, nowMonoMs, ageMs }) {
      const said = titles[line.kind] ?? "";
      show(element, said !== "");
      setText(title, said);
      if (said === "") return;
      const why = "why" in line ? `(${line.why})` : "";
      const again = line.kind === "lost" ? `Tries again in ${countdownText(line.retryAtMonoMs - nowMonoMs)}.` : "";
      setText(detail, [ageText(ageMs), why, again].filter((text) => text !== "").join(" "));
      show(retry, line.kind === "lost");
      show(signIn, line.kind === "refused");
    },
  };
}

const titles: Partial<Readonly<Record<Line["kind"], string>>> = {
  lost: "Connection lost.",
  blind: "This replica cannot read the cluster.",
  refused: "This page is not shown to everybody.",
};

function ageText(ageMs: number | undefined): string {
  if (ageMs === undefined) return "Nothing has been seen yet.";
  return `What you see is ${spanText(Math.floor(ageMs / 1_000) * 1_000)} old and may not be so any more.`;
}
