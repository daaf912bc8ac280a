import { el, icon, KeyedList, setText, show, type View } from "./dom.ts";
import { evidenceView } from "./evidence.ts";
import type { Asks, PatientModel } from "./patient-card.ts";
import { pauseText } from "./pause-words.ts";
import { phaseTrack } from "./phase-track.ts";

/** Everything that is known of one node, below its head. */
export function patientBody(asks: Asks): View<PatientModel> {
  let latest: PatientModel | undefined;
  const pause = el("p", { class: "paused-line" });
  const track = phaseTrack();
  const evidence = evidenceView();
  const next = el("p");
  const nextSection = el("section", { class: "next" }, el("h4", {}, "What happens next"), next);
  const facts = lines("What is known");
  const changes = lines("What would change this");
  const button = (label: string, picture: string, call: (model: PatientModel) => void) => {
    const made = el("button", { type: "button" }, icon(picture), label);
    made.addEventListener("click", () => {
      if (latest !== undefined) call(latest);
    });
    return made;
  };
  const pauseButton = button("Pause", "pause", ({ patient }) => asks.pause(patient.node));
  const resumeButton = button("Resume", "play", ({ patient }) => asks.resume(patient.node));
  const repairButton = button("Repair now", "act", ({ patient }) => asks.repair(patient));
  const releaseButton = button("Release the hold", "play", ({ patient }) => asks.release(patient));
  const buttons = el("div", { class: "buttons" }, pauseButton, resumeButton, repairButton, releaseButton);
  const plan = el("div", {}, nextSection, evidence.element, changes.element);
  const columns = el("div", { class: "patient-columns" }, plan, facts.element);
  const element = el("div", { class: "patient-body" }, pause, track.element, columns, buttons);
  return {
    element,
    update(model) {
      latest = model;
      const { patient } = model;
      show(pause, model.pause !== undefined);
      if (model.pause !== undefined) setText(pause, pauseText(model.pause));
      show(track.element, patient.repair !== null);
      show(evidence.element, patient.repair !== null);
      if (patient.repair !== null) {
        track.update(patient.repair);
        evidence.update(patient.repair);
      }
      setText(next, patient.next.what);
      facts.update(patient.facts);
      changes.update(patient.wouldChange);
      const isOwnPause = model.pause !== undefined && model.pause.scope !== "cluster";
      show(pauseButton, !isOwnPause);
      show(resumeButton, isOwnPause);
      show(releaseButton, patient.repair?.phase === "Held");
      show(repairButton, patient.repair === null);
    },
  };
}

/** A titled list of sentences. */
function lines(title: string): View<readonly string[]> {
  const list = el("ul");
  const rows = new KeyedList<{ readonly key: string; readonly text: string }>(
    list,
    ({ key }) => key,
    () => {
      const element = el("li");
      return { element, update: ({ text }) => setText(element, text) };
    },
  );
  const element = el("section", {}, el("h4", {}, title), list);
  return {
    element,
    update(texts) {
      // by place: a fact's words change with each second that it tells
      rows.update(texts.map((text, index) => ({ key: String(index), text })));
      show(element, texts.length > 0);
    },
  };
}
