/** One part of the page: made once, then told what it shows. */
export interface View<Model> {
  readonly element: HTMLElement;
  update(model: Model): void;
}

type Attributes = Readonly<Record<string, string>>;

/** Makes an element. Children that are text stay text, whatever is in them. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The picture of this name from the page's own sheet. It says nothing to a screen reader: words stand beside it. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  setIcon(svg, name);
  return svg;
}

export function setIcon(svg: SVGSVGElement, name: string): void {
  const use = svg.firstElementChild;
  if (use !== null) setAttribute(use, "href", `#icon-${name}`);
}

/** Shows text; touches nothing when it is shown already. */
export function setText(element: Element, text: string): void {
  const { firstChild } = element;
  if (firstChild instanceof Text && firstChild.nextSibling === null) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (firstChild !== null || text !== "") {
    element.textContent = text;
  }
}

/** @param value undefined takes the attribute away */
export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shows or hides it, for everybody. */
export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** A list whose rows stay the same elements for the same keys: focus, selection and open parts outlive an update. */
export class KeyedList<Item> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: Item) => string;
  readonly #make: (item: Item) => View<Item>;
  readonly #rows = new Map<string, View<Item>>();

  constructor(parent: HTMLElement, keyOf: (item: Item) => string, make: (item: Item) => View<Item>) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** Items with a key that was there already are dropped. */
  update(items: readonly Item[]): void {
    const wanted = new Map(items.map((item) => [this.#keyOf(item), item]));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    const focused = document.activeElement;
    let place = this.#parent.firstElementChild;
    for (const [key, item] of wanted) {
      const row = this.#rowOf(key, item);
      row.update(item);
      if (row.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(row.element, place);
    }
    // an element that is moved loses the focus
    if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) focused.focus();
  }

  #rowOf(key: string, item: Item): View<Item> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const made = this.#make(item);
    this.#rows.set(key, made);
    return made;
  }
}
