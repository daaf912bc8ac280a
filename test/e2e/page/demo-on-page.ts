import { type PageFront, startPageFront } from "../../demo/page-front.ts";
import { Replicas } from "../../demo/replicas.ts";
import { startWorld } from "../../demo/world.ts";
import { eventually } from "../../support/eventually.ts";

export const token = "demo-token-of-the-test";

/** The demo's world without its story: what happens is what somebody does on the page. */
export interface DemoOnPage extends AsyncDisposable {
  readonly url: string;
  /** Of a replica, without the demo's part. */
  productUrl(): string;
  /** `status` of a NodeRepair, or undefined. */
  phaseOf(node: string): string | undefined;
  isOn(node: string): boolean;
}

export async function startDemoOnPage(): Promise<DemoOnPage> {
  const parts = new AsyncDisposableStack();
  try {
    const world = parts.use(await startWorld("exec"));
    const { machines, kube } = world;
    kube.people.put(token, { name: "ada@demo", isAllowed: () => true });
    let broken: Error | undefined;
    const replicas = new Replicas(
      world,
      () => {},
      (error) => {
        broken = error;
      },
    );
    parts.defer(() => replicas.stop());
    const front: PageFront = await startPageFront({
      machines: () => machines.names.map((name) => ({ name, state: machines.state(name) })),
      token,
      plug: (name) => machines.pullPlug(name),
      killLeader: () => undefined,
      replicaPort: () => replicas.pagePort,
    });
    parts.use(front);
    const [first = "", second = ""] = machines.names;
    await Promise.all([replicas.add("aceso-1", first), replicas.add("aceso-2", second)]);
    await eventually("a replica that serves the page", () => {
      if (broken !== undefined) throw broken;
      return replicas.pagePort !== undefined;
    });
    return {
      url: front.url,
      productUrl: () => `http://127.0.0.1:${replicas.pagePort}/`,
      phaseOf: (node) => kube.store.get("noderepairs", node)?.status?.phase,
      isOn: (node) => machines.state(node) === "on",
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}
