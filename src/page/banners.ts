import type { Ward, WardPause } from "../http/ward.ts";
import { el, icon, KeyedList, setText, type View } from "./dom.ts";
import { replicaName } from "./headline.ts";
import type { Asks } from "./patient-card.ts";
import { pauseText } from "./pause-words.ts";

interface Banner {
  readonly key: string;
  readonly tone: "pause" | "hold" | "watch";
  readonly text: string;
  readonly isClusterPause: boolean;
}

/** What holds for all nodes, above them: pauses, dry run, a leader that is missing. */
export function bannersView(asks: Asks): View<Ward> {
  const element = el("div", { class: "banners" });
  const list = new KeyedList<Banner>(
    element,
    ({ key }) => key,
    (banner) => bannerView(banner, asks),
  );
  return { element, update: (ward) => list.update(bannersOf(ward)) };
}

function bannersOf({ pauses, isDryRun, leader, patients }: Ward): Banner[] {
  const plain = (key: string, tone: Banner["tone"], text: string): Banner => ({
    key,
    tone,
    text,
    isClusterPause: false,
  });
  const shown = new Set(patients.map(({ node }) => node));
  return [
    // a node's pause stands with the node, where it is shown
    ...pauses.filter(({ scope, node }) => scope === "cluster" || node === null || !shown.has(node)).map(pauseBanner),
    ...(isDryRun ? [plain("dry-run", "watch", "Dry run: Aceso shows what it would do and does nothing.")] : []),
    ...(leader === null ? [plain("leader", "hold", "No replica leads: nothing is repaired until one does.")] : []),
    ...(leader?.isAlive === false
      ? [
          plain(
            "leader",
            "hold",
            `The leader ${replicaName(leader.instance)} has gone silent. Another replica takes over when its time is up.`,
          ),
        ]
      : []),
  ];
}

function pauseBanner(pause: WardPause): Banner {
  const isClusterPause = pause.scope === "cluster";
  const what = isClusterPause ? " Nothing new begins; what was healed is still returned to service." : "";
  return {
    key: `pause ${pause.scope} ${pause.node}`,
    tone: "pause",
    text: `${pauseText(pause)}.${what}`,
    isClusterPause,
  };
}

function bannerView({ tone, isClusterPause }: Banner, asks: Asks): View<Banner> {
  const text = el("p");
  const element = el("div", { class: "banner", "data-tone": tone }, icon(tone), text);
  if (isClusterPause) {
    const resume = el("button", { type: "button" }, "Resume");
    resume.addEventListener("click", () => asks.resume(undefined));
    element.append(resume);
  }
  return { element, update: (banner) => setText(text, banner.text) };
}
