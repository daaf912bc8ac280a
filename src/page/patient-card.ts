import type { WardPatient, WardPause } from "../http/ward.ts";
import { el, icon, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { runningTime, setTime } from "./live-times.ts";
import { patientBody } from "./patient-body.ts";
import { countdownLabel, elapsedLabel, stateText, wordsOf } from "./words.ts";

/** A node that is not well, with whatever pauses it. */
export interface PatientModel {
  readonly patient: WardPatient;
  readonly pause: WardPause | undefined;
  /** Told in full without being asked to. */
  readonly isOpenAtFirst: boolean;
}

/** What a person may ask for, from where they see it. */
export interface Asks {
  pause(node: string | undefined): void;
  resume(node: string | undefined): void;
  repair(patient: WardPatient): void;
  /** Ends a hold that waits for a person. */
  release(patient: WardPatient): void;
}

/** One bed of the ward. Its head tells the essence; its body is made when it is opened first. */
export function patientCard(asks: Asks): View<PatientModel> {
  const picture = icon("watch");
  const name = el("h3");
  const role = el("span", { class: "quiet" });
  const state = el("span", { class: "state" });
  const paused = el("span", { class: "paused-mark" }, icon("pause"), "Paused");
  const sentence = el("p", { class: "sentence" });
  const clock = clockView();
  const toggle = el("button", { type: "button", class: "fold", "aria-expanded": "false" }, icon("fold"));
  const title = el("div", { class: "patient-title" }, name, role, state, paused);
  const head = el(
    "div",
    { class: "patient-head" },
    el("span", { class: "badge" }, picture),
    title,
    clock.element,
    toggle,
  );
  const element = el("article", { class: "patient" }, head, sentence);
  let body: View<PatientModel> | undefined;
  let latest: PatientModel | undefined;
  let isOpen = false;
  const draw = () => {
    setAttribute(toggle, "aria-expanded", String(isOpen));
    element.classList.toggle("is-open", isOpen);
    if (isOpen && body === undefined) {
      body = patientBody(asks);
      element.append(body.element);
    }
    if (body === undefined || latest === undefined) return;
    show(body.element, isOpen);
    if (isOpen) body.update(latest);
  };
  // the whole head for a pointer, the button for keys and screen readers
  head.addEventListener("click", () => {
    isOpen = !isOpen;
    draw();
  });
  return {
    element,
    update(model) {
      const { patient } = model;
      const words = wordsOf(patient.state);
      if (latest === undefined) isOpen = model.isOpenAtFirst;
      latest = model;
      setAttribute(element, "data-tone", words.tone);
      setAttribute(element, "data-node", patient.node);
      setAttribute(toggle, "aria-label", `All about ${patient.node}`);
      setIcon(picture, words.tone);
      setText(name, patient.node);
      setText(role, patient.role ?? "");
      setText(state, stateText(patient));
      show(paused, patient.isPaused);
      setText(sentence, patient.sentence);
      clock.update(patient);
      draw();
    },
  };
}

/** The countdown, or how long it has been, or nothing. While a pause holds it back nothing is counted down. */
function clockView(): View<WardPatient> {
  const left = runningTime("left", { class: "clock-time" });
  const since = runningTime("for", { class: "clock-time" });
  const stopped = el("span", { class: "clock-time clock-stopped" }, "paused");
  const label = el("span", { class: "clock-label" });
  const element = el("div", { class: "clock" }, label, left, since, stopped);
  return {
    element,
    update({ state, reason, next, isPaused, repair }) {
      const isStopped = isPaused && repair === null;
      const isCounted = next.at !== null && !isStopped;
      const begun = repair === null || isCounted || isStopped ? undefined : repair.phaseStartedAt;
      setTime(left, isCounted ? (next.at ?? undefined) : undefined);
      setTime(since, begun);
      show(left, isCounted);
      show(since, begun !== undefined);
      show(stopped, isStopped);
      show(element, isStopped || isCounted || begun !== undefined);
      setText(
        label,
        isStopped ? "nothing begins" : isCounted ? countdownLabel({ state, reason }) : elapsedLabel(state),
      );
    },
  };
}
