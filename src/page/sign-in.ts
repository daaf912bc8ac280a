import { button, dialogButtons, openDialog } from "./dialog.ts";
import { el, setText, show } from "./dom.ts";

const command = "kubectl create token NAME --namespace NAMESPACE --duration 1h";

/** What a token looks like: three parts in base64url. Anything else cannot be one of a service account. */
const shape = /^[\w.~+/=-]{8,16384}$/;

/**
 * Asks for a bearer token of Kubernetes.
 *
 * @param onToken called with it when somebody gives one that may be one
 */
export function askForToken(onToken: (token: string) => void): void {
  const dialog = openDialog("Sign in to act");
  const input = el("textarea", {
    id: "token",
    rows: "4",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  const wrong = el("p", { class: "wrong", role: "alert", hidden: "" });
  const give = () => {
    const token = input.value.trim().replace(/^bearer\s+/i, "");
    if (!shape.test(token)) {
      setText(wrong, "This is not a token: one is a single long word.");
      show(wrong, true);
      input.focus();
      return;
    }
    input.value = "";
    dialog.close();
    onToken(token);
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    give();
  });
  dialog.body.append(
    el(
      "p",
      {},
      "This page is read-only until you say who you are. Kubernetes checks the token and whether its owner may do what you ask for.",
    ),
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
      button("Sign in", give, { class: "primary" }),
    ),
  );
  input.focus();
}
