import type { Ward, WardPatient } from "../http/ward.ts";
import { button, dialogButtons, openDialog } from "./dialog.ts";
import { el, setText } from "./dom.ts";
import { type Asks, patientCard } from "./patient-card.ts";
import { pauseOf } from "./pause-words.ts";
import type { Server } from "./server.ts";

/** A dialog about one node that follows what happens to it. */
export interface NodeDialog {
  update(ward: Ward): void;
}

/** @param drawn called after each change, to bring its times up to date @param onClose called once */
export function openNode(node: string, server: Server, asks: Asks, drawn: () => void, onClose: () => void): NodeDialog {
  const dialog = openDialog(node, onClose);
  const told = el("p", { class: "quiet" }, "Asking…");
  const card = patientCard(asks);
  dialog.body.append(told, dialogButtons(button("Close", () => dialog.close())));
  dialog.element.classList.add("node-dialog");
  let latest: Ward | undefined;
  const draw = (patient: WardPatient) => {
    const pause = latest === undefined ? undefined : pauseOf(latest, node);
    card.update({ patient, pause, isOpenAtFirst: true });
    if (!card.element.isConnected) told.replaceWith(card.element);
    drawn();
  };
  const ask = () =>
    server
      .node(node)
      .then(draw, (error: unknown) => setText(told, error instanceof Error ? error.message : String(error)));
  void ask();
  let wasIll = false;
  return {
    update(ward) {
      latest = ward;
      const patient = ward.patients.find((each) => each.node === node);
      if (patient !== undefined) draw(patient);
      else if (wasIll) void ask();
      wasIll = patient !== undefined;
    },
  };
}
