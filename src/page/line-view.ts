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
      setAttribute(element, "data-tone", line.kind === "live" ? "well" : line.kind === "connecting" ? "watch" : "ill");
      setIcon(picture, line.kind === "live" ? "live" : line.kind === "connecting" ? "watch" : "lost");
      setText(text, line.kind === "live" ? "Live" : line.kind === "connecting" ? "Connecting" : "Not connected");
    },
  };
}

/** Loud, when what is shown may not be so any more. */
export function lineBanner(onRetry: () => void, onSignIn: () => void): View<LineModel> {
  const title = el("strong", { role: "alert" });
  const detail = el("span");
  const retry = button("Try now", onRetry);
  const signIn = button("Sign in", onSignIn);
  const element = el(
    "div",
    { class: "banner lost-banner", "data-tone": "ill", hidden: "" },
    icon("lost"),
    el("p", {}, title, " ", detail),
    retry,
    signIn,
  );
  return {
    element,
    update({ line, nowMonoMs, ageMs }) {
      const isBad = line.kind === "lost" || line.kind === "refused";
      show(element, isBad);
      if (!isBad) {
        setText(title, "");
        return;
      }
      setText(title, line.kind === "lost" ? "Connection lost." : "The server does not show this to everybody.");
      const age =
        ageMs === undefined
          ? "Nothing has been seen yet."
          : `What you see is ${spanText(Math.floor(ageMs / 1_000) * 1_000)} old and may not be so any more.`;
      const again = line.kind === "lost" ? `Tries again in ${countdownText(line.retryAtMonoMs - nowMonoMs)}.` : "";
      setText(detail, [age, `(${line.why})`, again].filter((text) => text !== "").join(" "));
      show(retry, line.kind === "lost");
      show(signIn, line.kind === "refused");
    },
  };
}
