import { button, dialogButtons, openDialog } from "./dialog.ts";
import { el, setText, show } from "./dom.ts";
import type { Wish } from "./server.ts";
import { wishWords } from "./wish-words.ts";

/** How long a pause may last; the empty one has no end. */
const ends: readonly (readonly [value: string, text: string])[] = [
  ["15m", "15 minutes"],
  ["1h", "1 hour"],
  ["4h", "4 hours"],
  ["24h", "a day"],
  ["", "until somebody resumes it"],
];

/** Says what will happen and asks once more. */
export interface Confirmation {
  readonly kind: Wish["kind"];
  readonly node: string | undefined;
  /** What is known of the node. */
  readonly sentence: string | undefined;
  /** Does it. @throws Error whose message people are shown */
  readonly carryOut: (wish: Wish) => Promise<void>;
}

export function confirmWish({ kind, node, sentence, carryOut }: Confirmation): void {
  const words = wishWords(kind, node);
  const dialog = openDialog(words.title);
  const reason = el("input", { id: "reason", type: "text", maxlength: "200", autocomplete: "off" });
  const end = el("select", { id: "end" }, ...ends.map(([value, text]) => el("option", { value }, text)));
  end.value = "1h";
  const wrong = el("p", { class: "wrong", role: "alert", hidden: "" });
  const wishNow = (): Wish => ({
    kind,
    node,
    reason: reason.value.trim() || undefined,
    for: kind === "pause" ? end.value || undefined : undefined,
  });
  const go = async () => {
    act.disabled = true;
    show(wrong, false);
    try {
      await carryOut(wishNow());
      dialog.close();
    } catch (error) {
      setText(wrong, error instanceof Error ? error.message : String(error));
      show(wrong, true);
    } finally {
      act.disabled = false;
    }
  };
  const act = button(words.button, () => void go(), {
    class: kind === "repair" || kind === "release" ? "primary danger" : "primary",
  });
  const cancel = button("Cancel", () => dialog.close());
  const field = (label: string, control: HTMLElement) =>
    el("p", { class: "field" }, el("label", { for: control.id }, label), control);
  dialog.body.append(
    ...(sentence === undefined ? [] : [el("p", { class: "quoted" }, sentence)]),
    el("ul", {}, ...words.consequences.map((line) => el("li", {}, line))),
    ...(kind === "pause" ? [field("For how long", end)] : []),
    ...(kind === "resume" ? [] : [field("Reason, for those who read it later", reason)]),
    el("p", { class: "quiet small" }, "The same on the command line: ", el("code", {}, words.command)),
    wrong,
    dialogButtons(cancel, act),
  );
  (kind === "resume" ? cancel : kind === "pause" ? end : reason).focus();
}
