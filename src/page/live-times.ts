import { el, setAttribute, setText } from "./dom.ts";
import { countdownText, spanText } from "./spans.ts";

/** `left`: until then. `ago`: since then, as a fact. `for`: since then, as a running clock. */
export type Running = "left" | "ago" | "for";

/** A text that goes on by itself, second by second, in step with the server's clock. */
export function runningTime(kind: Running, attributes: Readonly<Record<string, string>> = {}): HTMLTimeElement {
  return el("time", { ...attributes, "data-running": kind });
}

/** @param at RFC 3339; undefined empties it */
export function setTime(element: HTMLTimeElement, at: string | undefined): void {
  if (element.dateTime === (at ?? "")) return;
  setAttribute(element, "datetime", at);
  setAttribute(element, "title", at === undefined ? undefined : timeOfDay(at));
  if (at === undefined) setText(element, "");
}

/** Brings every running time below an element up to the server's time. */
export function runTimes(root: ParentNode, nowMs: number): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-running][datetime]")) {
    const atMs = Date.parse(element.dateTime);
    if (Number.isNaN(atMs)) continue;
    setText(element, textOf(element.dataset.running, atMs, nowMs));
  }
}

function textOf(kind: string | undefined, atMs: number, nowMs: number): string {
  if (kind === "left") return atMs <= nowMs ? "a moment" : countdownText(atMs - nowMs);
  if (kind === "for") return countdownText(Math.floor((nowMs - atMs) / 1_000) * 1_000);
  return nowMs - atMs < 1_000 ? "just now" : `${spanText(Math.floor((nowMs - atMs) / 1_000) * 1_000)} ago`;
}

/** A point in time in the viewer's own time zone, which it names. */
export function timeOfDay(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return date.toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}
