import type { Ward, WardPerson } from "../http/ward.ts";
import { Announcer } from "./announcer.ts";
import { bannersView } from "./banners.ts";
import { confirmWish } from "./confirm.ts";
import type { Line } from "./connection.ts";
import { button } from "./dialog.ts";
import { el, icon, setText, show, type View } from "./dom.ts";
import { headlineOf } from "./headline.ts";
import { type LineModel, lineBanner, lineMark } from "./line-view.ts";
import { runTimes } from "./live-times.ts";
import { type NodeDialog, openNode } from "./node-dialog.ts";
import { NodesPanel } from "./nodes-panel.ts";
import type { PageClock } from "./page-clock.ts";
import type { Asks } from "./patient-card.ts";
import type { Server, Wish } from "./server.ts";
import { Refusal } from "./server.ts";
import { ServerTime } from "./server-time.ts";
import { askForToken, type Purpose } from "./sign-in.ts";
import { staffView } from "./staff.ts";
import { summaryView } from "./summary-view.ts";
import { timelineView } from "./timeline.ts";
import { wardView } from "./ward-view.ts";

const tickMs = 1_000;

/** The whole page: takes wards and the state of the line, shows them, and asks for what people want. */
export class Page {
  readonly #server: Server;
  readonly #clock: PageClock;
  readonly #time = new ServerTime();
  readonly #announcer: Announcer;
  readonly #views: readonly View<Ward>[];
  readonly #columns: HTMLElement;
  readonly #lineViews: readonly View<LineModel>[];
  readonly #pauseAll = button("Pause all", () => this.#ask("pause", undefined));
  readonly #signIn = button("Sign in", () => this.#toggleSignIn());
  readonly #who = el("span", { class: "who quiet" }, "Read-only");
  readonly #reconnect: { retryNow(): void; reopen(): void };
  #line: Line = { kind: "connecting" };
  #ward: Ward | undefined;
  #person: WardPerson | undefined;
  /** The server has asked once who reads. */
  #isForReaders = false;
  #isDrawn = true;
  #seenAtMonoMs: number | undefined;
  #dialog: NodeDialog | undefined;

  constructor(server: Server, clock: PageClock, reconnect: { retryNow(): void; reopen(): void }) {
    this.#server = server;
    this.#clock = clock;
    this.#reconnect = reconnect;
    const spoken = el("div", { class: "unseen", role: "status" });
    this.#announcer = new Announcer(clock, spoken);
    const asks: Asks = {
      pause: (node) => this.#ask("pause", node),
      resume: (node) => this.#ask("resume", node),
      repair: ({ node, sentence }) => this.#ask("repair", node, sentence),
      release: ({ node, sentence }) => this.#ask("release", node, sentence),
    };
    const mark = lineMark();
    const lost = lineBanner(
      () => reconnect.retryNow(),
      () => this.#askForToken("read"),
    );
    const summary = summaryView();
    const banners = bannersView(asks);
    const ward = wardView(asks);
    const nodes = new NodesPanel(server, clock, (node) => this.#open(node, asks));
    const staff = staffView();
    const timeline = timelineView();
    this.#views = [summary, banners, ward, nodes, staff, timeline];
    this.#lineViews = [mark, lost];
    const brand = el("span", { class: "brand" }, icon("brand"), el("span", {}, "Aceso"));
    const spring = el("span", { class: "spring" });
    const top = el("div", { class: "top" }, brand, mark.element, spring, this.#who, this.#signIn, this.#pauseAll);
    const header = el("header", { class: "head" }, top, lost.element);
    this.#columns = el(
      "div",
      { class: "columns shown" },
      el("div", { class: "ward-area" }, banners.element, summary.element, ward.element),
      el("div", { class: "side" }, staff.element, timeline.element),
      el("div", { class: "beds-area" }, nodes.element),
    );
    const main = el("main", { id: "ward", tabindex: "-1" }, this.#columns);
    document.querySelector("#page")?.replaceWith(header, main, spoken);
  }

  run(): void {
    this.#clock.every(tickMs, () => this.#tick());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#draw();
      this.#reconnect.retryNow();
    });
    addEventListener("online", () => this.#reconnect.retryNow());
  }

  showLine(line: Line): void {
    const before = this.#line.kind;
    this.#line = line;
    if (line.kind === "refused" && line.isUnknown) this.#askWhoReads();
    const isStale = line.kind !== "live" && this.#ward !== undefined;
    document.documentElement.classList.toggle("is-stale", isStale);
    // empty panels would say that there is nothing, where nothing could be seen
    if (this.#ward === undefined) for (const it of [this.#columns, this.#pauseAll]) show(it, line.kind !== "refused");
    if (before !== "connecting" && before !== "live" && line.kind === "live") this.#announcer.say("Connected again.");
    this.#drawLine();
  }

  /** Draws at the browser's next frame; of several wards within one only the last. */
  showWard(ward: Ward): void {
    this.#time.hear(Date.parse(ward.asOf), this.#clock.monoMs());
    const known = this.#ward;
    this.#ward = ward;
    // frames do not come to a page in the background, but its title is seen there
    document.title = titleOf(ward);
    if (known?.revision === ward.revision && known.servedBy.instance === ward.servedBy.instance) return;
    this.#announcer.hear(ward);
    if (this.#isDrawn) requestAnimationFrame(() => this.#draw());
    this.#isDrawn = false;
  }

  /** What is shown is still so. */
  showLife(): void {
    this.#seenAtMonoMs = this.#clock.monoMs();
  }

  #draw(): void {
    const ward = this.#ward;
    if (ward === undefined) return;
    this.#isDrawn = true;
    show(this.#columns, true);
    for (const view of this.#views) view.update(ward);
    this.#dialog?.update(ward);
    show(this.#pauseAll, !ward.pauses.some(({ scope }) => scope === "cluster"));
    this.#tick();
  }

  #tick(): void {
    const nowMs = this.#time.nowMs(this.#clock.monoMs());
    if (nowMs !== undefined && !document.hidden) runTimes(document, nowMs);
    this.#drawLine();
  }

  #drawLine(): void {
    const nowMonoMs = this.#clock.monoMs();
    const ageMs = this.#seenAtMonoMs === undefined ? undefined : nowMonoMs - this.#seenAtMonoMs;
    for (const view of this.#lineViews) view.update({ line: this.#line, nowMonoMs, ageMs });
  }

  #open(node: string, asks: Asks): void {
    const drawn = () => this.#tick();
    this.#dialog = openNode(node, this.#server, asks, drawn, () => {
      this.#dialog = undefined;
    });
    if (this.#ward !== undefined) this.#dialog.update(this.#ward);
  }

  /** Signs in first where nobody has, then asks for a confirmation. */
  #ask(kind: Wish["kind"], node: string | undefined, sentence?: string): void {
    const confirm = () => confirmWish({ kind, node, sentence, carryOut: (wish) => this.#carryOut(wish) });
    if (this.#person !== undefined) confirm();
    else this.#askForToken("act", confirm);
  }

  async #carryOut(wish: Wish): Promise<void> {
    try {
      const { message } = await this.#server.wish(wish);
      this.#announcer.say(`Done: ${message}.`);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) this.#signOut();
      throw error;
    }
  }

  #toggleSignIn(): void {
    if (this.#person === undefined) this.#askForToken(this.#line.kind === "refused" ? "read" : "act");
    // what was shown to a reader must not stay for the next one
    else if (this.#isForReaders) location.reload();
    else this.#signOut();
  }

  /** By itself only once and before anything is shown: a banner tells the rest. */
  #askWhoReads(): void {
    const isFirst = !this.#isForReaders && this.#ward === undefined && document.querySelector("dialog") === null;
    this.#isForReaders = true;
    // a token that was good is so no longer
    if (this.#person !== undefined) this.#signOut();
    this.#showPerson();
    if (isFirst) this.#askForToken("read");
  }

  #askForToken(purpose: Purpose, then: () => void = () => {}): void {
    const signIn = async (token: string) => {
      const person = await this.#server.signIn(token);
      if (purpose === "read") await this.#mustRead();
      this.#person = person;
      this.#showPerson();
      if (this.#line.kind === "refused") this.#reconnect.reopen();
    };
    askForToken(purpose, signIn, then);
  }

  /** @throws Refusal when whoever has just signed in may not see the page; he is signed out again then */
  async #mustRead(): Promise<void> {
    try {
      await this.#server.nodes("", 1);
    } catch (error) {
      // anything else is told by the stream
      if (!(error instanceof Refusal) || error.status !== 403) return;
      this.#server.signOut();
      throw error;
    }
  }

  #signOut(): void {
    this.#server.signOut();
    this.#person = undefined;
    this.#showPerson();
  }

  #showPerson(): void {
    const nobody = this.#isForReaders ? "" : "Read-only";
    setText(this.#who, this.#person === undefined ? nobody : this.#person.name);
    setText(this.#signIn, this.#person === undefined ? "Sign in" : "Sign out");
  }
}

function titleOf(ward: Ward): string {
  return `${ward.nodes.notWell === 0 ? "" : "! "}${headlineOf(ward).title} · Aceso`;
}
