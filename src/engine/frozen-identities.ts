import type { NodeFacts, NodeName } from "../core/model.ts";

interface Identity extends Pick<NodeFacts, "uid" | "providerID" | "systemUUID"> {
  readonly machine: string;
}

/**
 * Which machine a node said it was while it was last Ready, by this leader's own sight. Root on a node can forge its
 * system UUID and its annotations; what changes while the node is not Ready is not believed (DESIGN §4).
 */
export class FrozenIdentities {
  readonly #whileReady = new Map<NodeName, Identity>();
  readonly #changed = new Set<NodeName>();

  /** Nodes whose identity is not the one they had when they were last Ready. */
  get changed(): ReadonlySet<NodeName> {
    return this.#changed;
  }

  /** To be told of each change of a node; undefined: it is gone. */
  note(name: NodeName, node: NodeFacts | undefined): void {
    if (node === undefined) {
      this.#whileReady.delete(name);
      this.#changed.delete(name);
      return;
    }
    const present = identityOf(node);
    const known = this.#whileReady.get(name);
    const isReady = node.conditions.some((it) => it.type === "Ready" && it.status === "True");
    // Another uid is another Node, which begins with a clean slate.
    if (isReady || known?.uid !== node.uid) {
      if (isReady) this.#whileReady.set(name, present);
      this.#changed.delete(name);
    } else if (isSame(known, present)) this.#changed.delete(name);
    else this.#changed.add(name);
  }
}

function identityOf({ uid, providerID, systemUUID, annotations }: NodeFacts): Identity {
  return { uid, providerID, systemUUID, machine: annotations["aceso.dev/machine"] ?? "" };
}

function isSame(a: Identity, b: Identity): boolean {
  return a.providerID === b.providerID && a.systemUUID === b.systemUUID && a.machine === b.machine;
}
