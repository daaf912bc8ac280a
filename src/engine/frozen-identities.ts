import type { NodeFacts, NodeName } from "../core/model.ts";

/**
 * Which machine a node said it was while it was last Ready, by this leader's own sight. Root on a node can forge its
 * system UUID and its annotations; what changes while the node is not Ready is not believed (DESIGN §4).
 */
export class FrozenIdentities {
  readonly #whileReady = new Map<NodeName, { readonly uid: string; readonly identity: string }>();
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
    const identity = identityText(node);
    const known = this.#whileReady.get(name);
    const isReady = node.conditions.some((it) => it.type === "Ready" && it.status === "True");
    // Another uid is another Node, which begins with a clean slate.
    if (isReady || known?.uid !== node.uid) {
      if (isReady) this.#whileReady.set(name, { uid: node.uid, identity });
      this.#changed.delete(name);
    } else if (known.identity === identity) this.#changed.delete(name);
    else this.#changed.add(name);
  }
}

function identityText(node: NodeFacts): string {
  return JSON.stringify([node.providerID, node.systemUUID, node.annotations["aceso.dev/machine"] ?? ""]);
}
