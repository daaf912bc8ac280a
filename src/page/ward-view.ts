import type { Ward } from "../http/ward.ts";
import { el, KeyedList, setText, show, type View } from "./dom.ts";
import { number } from "./headline.ts";
import { type Asks, type PatientModel, patientCard } from "./patient-card.ts";
import { pauseOf } from "./pause-words.ts";

/** More than these are heads only, until somebody opens them. A phone shows one at a time. */
const mostOpen = () => (matchMedia("(min-width: 48rem)").matches ? 4 : 1);

/** The nodes that are not well, one bed after the other, most urgent first. */
export function wardView(asks: Asks): View<Ward> {
  const list = el("div", { class: "patients" });
  const cards = new KeyedList<PatientModel>(
    list,
    ({ patient }) => patient.node,
    () => patientCard(asks),
  );
  const more = el("p", { class: "quiet" });
  const element = el("section", { class: "ward", "aria-label": "Nodes that are not well" }, list, more);
  return {
    element,
    update(ward) {
      const { patients, nodes } = ward;
      const open = mostOpen();
      cards.update(
        patients.map((patient, index) => ({
          patient,
          pause: pauseOf(ward, patient.node),
          isOpenAtFirst: index < open,
        })),
      );
      const rest = nodes.notWell - patients.length;
      setText(more, rest > 0 ? `${number(rest)} more nodes are not well; find them by name.` : "");
      show(more, rest > 0);
      show(element, nodes.notWell > 0);
    },
  };
}
