import { el } from "./dom.ts";

export interface Dialog {
  readonly element: HTMLDialogElement;
  /** Where its content goes. */
  readonly body: HTMLElement;
  close(): void;
}

let count = 0;

/** A modal dialog that takes itself out of the page when it is closed; Escape closes it, and the focus goes back. */
export function openDialog(title: string, onClose: () => void = () => {}): Dialog {
  count += 1;
  const id = `dialog-${count}`;
  const heading = el("h2", { id }, title);
  const body = el("div", { class: "dialog-body" });
  const element = el("dialog", { "aria-labelledby": id }, heading, body);
  const before = document.activeElement;
  element.addEventListener("close", () => {
    element.remove();
    onClose();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  document.body.append(element);
  element.showModal();
  return { element, body, close: () => element.close() };
}

/** A line of buttons, the harmless one first. */
export function dialogButtons(...buttons: readonly HTMLElement[]): HTMLElement {
  return el("div", { class: "buttons dialog-buttons" }, ...buttons);
}

export function button(
  label: string,
  onPress: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onPress);
  return made;
}
