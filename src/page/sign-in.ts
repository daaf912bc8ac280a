import { button, dialogButtons, openDialog } from "./dialog.ts";
import { el, setText, show } from "./dom.ts";

const command = "kubectl create token NAME --namespace NAMESPACE --duration 1h";

/** What a token looks like: three parts in base64url. Anything else cannot be one of a service account. */
const shape = /^[\w.~+/=-]{8,16384}$/;

/** What somebody signs in for: to change something, or to see anything at all. */
export type Purpose = "act" | "read";

const words: Readonly<Record<Purpose, readonly [title: string, text: string]>> = {
  act: [
    "Sign in to act",
    "This page is read-only until you say who you are. Kubernetes checks the token and whether its owner may do what you ask for.",
  ],
  read: [
    "Sign in to see this page",
    "It is shown to those who may read it. Kubernetes checks the token and whether its owner may get the path /aceso/status-page.",
  ],
};

/**
 * Asks for a bearer token of Kubernetes.
 *
 * @param signIn tries it; what it throws is shown @param then called once somebody is signed in
 */
export function askForToken(purpose: Purpose, signIn: (token: string) => Promise<void>, then: () => void): void {
  const [title, text] = words[purpose];
  const dialog = openDialog(title);
  const input = el("textarea", {
    id: "token",
    rows: "4",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  const wrong = el("p", { class: "wrong", role: "alert", hidden: "" });
  const refuse = (text: string) => {
    setText(wrong, text);
    show(wrong, true);
    input.focus();
  };
  const give = async () => {
    const token = input.value.trim().replace(/^bearer\s+/i, "");
    if (!shape.test(token)) return refuse("This is not a token: one is a single long word.");
    act.disabled = true;
    try {
      await signIn(token);
      input.value = "";
      dialog.close();
      then();
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
    } finally {
      act.disabled = false;
    }
  };
  const act = button("Sign in", () => void give(), { class: "primary" });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    void give();
  });
  dialog.body.append(
    el("p", {}, text),
    el("label", { for: "token" }, "Bearer token"),
    input,
    wrong,
    el("p", { class: "quiet" }, "One of a service account is made by"),
    el("code", { class: "command" }, command),
    el(
      "p",
      { class: "quiet" },
      "It is kept in this tab's memory only: not in a cookie, not in the browser's storage. Leave or reload the page and it is forgotten.",
    ),
    dialogButtons(
      button("Cancel", () => dialog.close()),
      act,
    ),
  );
  input.focus();
}
