import type { Ward, WardNodes } from "../http/ward.ts";
import { el, icon, KeyedList, setAttribute, setIcon, setText, show, type View } from "./dom.ts";
import { number } from "./headline.ts";
import type { PageClock } from "./page-clock.ts";
import type { Server } from "./server.ts";
import { wordsOf } from "./words.ts";

type Bed = WardNodes["nodes"][number];

const mostShown = 60;
const typingMs = 250;
/** The list is read again when something changed, but not more often. */
const rereadMs = 10_000;

/** All nodes by name, the well ones too, with a search that the server answers. */
export class NodesPanel implements View<Ward> {
  readonly element: HTMLElement;
  readonly #server: Server;
  readonly #clock: PageClock;
  readonly #input = el("input", {
    type: "search",
    id: "search",
    placeholder: "part of a name",
    autocomplete: "off",
    spellcheck: "false",
  });
  readonly #told = el("p", { class: "quiet small", role: "status" });
  readonly #list = el("ul", { class: "beds" });
  readonly #beds: KeyedList<Bed>;
  #patients = new Map<string, string>();
  #revision = "";
  #readAtMonoMs = Number.NEGATIVE_INFINITY;
  #found: WardNodes | undefined;
  #stopTyping = () => {};
  #asked = 0;

  /** @param onOpen called with the name of a node that somebody wants to see */
  constructor(server: Server, clock: PageClock, onOpen: (node: string) => void) {
    this.#server = server;
    this.#clock = clock;
    this.#beds = new KeyedList(
      this.#list,
      ({ name }) => name,
      ({ name }) => bedView(name, onOpen),
    );
    const label = el("label", { for: "search" }, "Find a node");
    this.element = el(
      "section",
      { class: "panel nodes-panel" },
      el("h2", {}, "All nodes"),
      el("div", { class: "search" }, label, this.#input),
      this.#told,
      this.#list,
    );
    this.#input.addEventListener("input", () => {
      this.#stopTyping();
      this.#stopTyping = clock.after(typingMs, () => void this.#read());
    });
  }

  update({ patients, revision, servedBy }: Ward): void {
    this.#patients = new Map(patients.map(({ node, state }) => [node, state]));
    this.#draw();
    const key = `${servedBy.instance} ${revision}`;
    const isDue = this.#clock.monoMs() - this.#readAtMonoMs >= rereadMs;
    if (key === this.#revision || !isDue || document.hidden) return;
    this.#revision = key;
    void this.#read();
  }

  async #read(): Promise<void> {
    this.#readAtMonoMs = this.#clock.monoMs();
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const found = await this.#server.nodes(this.#input.value.trim(), mostShown);
      // an answer to an earlier question may come later
      if (asked !== this.#asked) return;
      this.#found = found;
      this.#draw();
    } catch (error) {
      if (asked === this.#asked)
        setText(this.#told, `Could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #draw(): void {
    if (this.#found === undefined) return;
    const { nodes, total } = this.#found;
    // the stream is quicker than the list
    this.#beds.update(nodes.map((bed) => ({ ...bed, state: this.#patients.get(bed.name) ?? bed.state })));
    show(this.#list, nodes.length > 0);
    setText(this.#told, toldText(this.#input.value.trim(), nodes.length, total));
  }
}

function toldText(search: string, shown: number, total: number): string {
  const nodes = (count: number) => `${number(count)} ${count === 1 ? "node" : "nodes"}`;
  if (search !== "" && total === 0) return `No node has “${search}” in its name.`;
  const what = search === "" ? nodes(total) : `${nodes(total)} with “${search}” in the name`;
  return shown < total ? `${what}; the first ${number(shown)} by name are shown.` : `${what}.`;
}

function bedView(name: string, onOpen: (node: string) => void): View<Bed> {
  const picture = icon("well");
  const state = el("span", { class: "bed-state" });
  const button = el(
    "button",
    { type: "button", class: "bed" },
    picture,
    el("span", { class: "bed-name" }, name),
    state,
  );
  button.addEventListener("click", () => onOpen(name));
  const element = el("li", {}, button);
  return {
    element,
    update(bed) {
      const words = wordsOf(bed.state);
      setAttribute(button, "data-tone", words.tone);
      setIcon(picture, words.tone);
      setText(state, words.word);
    },
  };
}
