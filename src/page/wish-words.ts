import type { Wish } from "./server.ts";

/** What a person is told before it is done. */
export interface WishWords {
  readonly title: string;
  readonly button: string;
  /** One sentence each. */
  readonly consequences: readonly string[];
  /** The command that does the same. */
  readonly command: string;
}

/** @param node undefined: the whole cluster */
export function wishWords(kind: Wish["kind"], node: string | undefined): WishWords {
  const what = node ?? "the whole cluster";
  const words = node === undefined ? "" : ` ${node}`;
  switch (kind) {
    case "pause":
      return {
        title: `Pause ${what}?`,
        button: `Pause ${what}`,
        consequences: [
          `Aceso begins nothing new on ${node ?? "any node"}, and takes no further step of a repair under way.`,
          "What it has already asked the machine's owner to do may still be carried out.",
          "A node that is well again is still returned to service.",
        ],
        command: `aceso pause${words}`,
      };
    case "resume":
      return {
        title: `Resume ${what}?`,
        button: `Resume ${what}`,
        consequences: [
          `The pause of ${what} ends. Repairs go on, and new ones begin, as soon as the leader sees it.`,
          ...(node === undefined
            ? ["Nodes that are paused for themselves stay paused."]
            : ["A pause of the whole cluster stays."]),
        ],
        command: `aceso resume${words}`,
      };
    case "repair":
      return {
        title: `Repair ${what} now?`,
        button: `Repair ${what}`,
        consequences: [
          `Aceso repairs ${what} without waiting for its checks, also if it is well: it is cordoned, its pods leave it, and its machine is restarted or switched off, as the ladder says.`,
          "A silent node is fenced first: its pods and volumes are freed only when its machine reads off.",
          "Every guard still holds: max-unhealthy, the control plane's quorum, pauses, the owner's interlock.",
        ],
        command: `aceso repair${words}`,
      };
    case "release":
      return {
        title: `Release the hold of ${what}?`,
        button: `Release ${what}`,
        consequences: [
          `Say so only when somebody has looked at ${what}: it was held because Aceso alone could not go on.`,
          "Its attempts begin anew. If it is still ill, its repair goes on: the machine may be restarted or switched off again.",
          "Every guard still holds.",
        ],
        command: `aceso repair${words} --release-hold`,
      };
  }
}
