// The demo's own part of the status page: machines whose plugs can be pulled. Not in the product.
import type { PluggedMachine } from "../picture.ts";

const everyMs = 1_000;

/** One machine: its name, its state, its plug. */
class Plug {
  readonly element = document.createElement("li");
  readonly #name: string;
  readonly #state = document.createElement("span");
  readonly #button = document.createElement("button");

  constructor(name: string) {
    this.#name = name;
    const label = document.createElement("strong");
    label.textContent = name;
    this.#button.type = "button";
    this.#button.addEventListener("click", () => void ask(`demo/machines/${name}/plug`));
    this.element.append(label, this.#state, this.#button);
  }

  show(state: string): void {
    this.#state.textContent = state;
    const isOff = state === "off";
    this.#button.textContent = isOff ? "Switch on" : "Pull the plug";
    this.#button.setAttribute("aria-label", `${isOff ? "Switch on" : "Pull the plug of"} ${this.#name}`);
    this.#button.disabled = state === "changing";
  }
}

const plugs = new Map<string, Plug>();
const list = document.createElement("ul");
list.className = "plugs";

function panel(): HTMLElement {
  const aside = document.createElement("aside");
  aside.className = "demo-panel";
  aside.setAttribute("aria-label", "Demo");
  const title = document.createElement("p");
  title.textContent = "Demo: simulated machines. Pull a plug and watch.";
  const kill = document.createElement("button");
  kill.type = "button";
  kill.textContent = "Kill the leading replica";
  kill.addEventListener("click", () => void ask("demo/kill-leader"));
  const token = document.createElement("p");
  token.append("To sign in here, use the token ", tokenText);
  aside.append(title, list, kill, token);
  return aside;
}

const tokenText = document.createElement("code");

async function ask(path: string): Promise<void> {
  await fetch(path, { method: "POST", headers: { "x-aceso-request": "1" } }).catch(() => undefined);
  await look();
}

async function look(): Promise<void> {
  const response = await fetch("demo/machines").catch(() => undefined);
  if (response?.ok !== true) return;
  const { machines, token } = (await response.json()) as { machines: readonly PluggedMachine[]; token: string };
  tokenText.textContent = token;
  for (const { name, state } of machines) {
    const known = plugs.get(name) ?? new Plug(name);
    if (!plugs.has(name)) list.append(known.element);
    plugs.set(name, known);
    known.show(state);
  }
}

document.body.append(panel());
await look();
setInterval(() => void look(), everyMs);
