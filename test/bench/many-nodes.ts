import { createHash } from "node:crypto";
import { nodeDraft, nodeLeaseDraft } from "../sim/kube/fixtures.ts";
import type { ApiClient } from "../support/api-client.ts";
import { mergePatch } from "../support/api-client.ts";
import { toMicroTime, toTime } from "../support/hollow/node-object.ts";

const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
/** As kubelets: a Lease every 10 s, an unchanged status every 5 min. */
const renewEveryMs = 10_000;
export const postEveryMs = 300_000;
const tickMs = 100;
const atOnce = 16;
const imageCount = 50;

/** Nodes that do nothing but say that they live: no machines, no pods. */
export interface ManyNodes {
  /** Renewals and posts that were refused or not answered. */
  readonly failures: number;
  stop(): Promise<void>;
}

/** Registers nodes of 12 KB, as nodes with 50 images are, and keeps them alive. */
export async function keepNodes(api: ApiClient, count: number): Promise<ManyNodes> {
  const names = Array.from({ length: count }, (_, index) => `node-${index}`);
  await inParallel(names, async (name) => {
    const draft = nodeDraft(name, Date.now());
    const status = { ...(draft.status as object), images: imagesOf(name) };
    await api.must("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", ...draft, status });
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...nodeLeaseDraft(name, Date.now()) };
    await api.must("POST", leases, lease);
  });
  return new Heartbeats(api, names);
}

class Heartbeats implements ManyNodes {
  failures = 0;
  readonly #api: ApiClient;
  readonly #names: readonly string[];
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Promise<void>>();
  #renewed = 0;
  #posted = 0;

  constructor(api: ApiClient, names: readonly string[]) {
    this.#api = api;
    this.#names = names;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  /** Spread evenly, and caught up with after a late tick. */
  #tick(): void {
    const ageMs = performance.now() - this.#begun;
    const count = this.#names.length;
    for (; this.#renewed < (ageMs / renewEveryMs) * count; this.#renewed += 1) this.#own(this.#renew(this.#renewed));
    for (; this.#posted < (ageMs / postEveryMs) * count; this.#posted += 1) this.#own(this.#post(this.#posted));
  }

  #own(work: Promise<unknown>): void {
    const owned = work.then(
      () => undefined,
      () => {
        this.failures += 1;
      },
    );
    this.#underWay.add(owned);
    void owned.then(() => this.#underWay.delete(owned));
  }

  #renew(index: number): Promise<unknown> {
    const name = this.#names[index % this.#names.length];
    return this.#api.patch(`${leases}/${name}`, { spec: { renewTime: toMicroTime(Date.now()) } });
  }

  #post(index: number): Promise<unknown> {
    const name = this.#names[index % this.#names.length];
    const lastHeartbeatTime = toTime(Date.now());
    const conditions = [{ type: "Ready", lastHeartbeatTime }];
    const contentType = mergePatch.replace("merge-patch", "strategic-merge-patch");
    return this.#api.must("PATCH", `/api/v1/nodes/${name}/status`, { status: { conditions } }, { contentType });
  }
}

function imagesOf(name: string): readonly object[] {
  return Array.from({ length: imageCount }, (_, index) => {
    const digest = createHash("sha256")
      .update(`${index % 7} ${name}`)
      .digest("hex");
    return {
      names: [`registry.example/team/app-${index}@sha256:${digest}`, `registry.example/team/app-${index}:1.${index}`],
      sizeBytes: 100_000_000 + index,
    };
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
