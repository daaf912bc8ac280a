import { stringify } from "yaml";
import type { AcesoProcess } from "../../support/aceso-process.ts";
import type { ApiClient, ApiObject } from "../../support/api-client.ts";
import type { MachinesServer } from "../../support/hollow/machines-server.ts";
import { isReady } from "./node-state.ts";

/** The parts of a scenario that tell what happened. */
interface Told {
  readonly api: ApiClient;
  readonly owner: MachinesServer;
  readonly replicas: readonly AcesoProcess[];
  aceso(args: readonly string[]): Promise<string>;
}

const linesOfEach = 40;

/** What a person needs who looks at a failed test: repairs, nodes that are not well, what the owner was asked, logs. */
export async function tellStory(scenario: Told): Promise<string> {
  const { api, owner, replicas } = scenario;
  const repairs = await api.get("/apis/aceso.dev/v1alpha1/noderepairs").catch(() => ({ items: [] }));
  const nodes = await api.get("/api/v1/nodes").catch(() => ({ items: [] }));
  const unwell = nodes.items.filter((it: ApiObject) => !isReady(it)).slice(0, 3);
  const explained = unwell.map((it: ApiObject) => scenario.aceso(["explain", it.metadata.name]).catch(String));
  const acts = owner.operations.filter(({ operation }) => operation !== "identify" && operation !== "observe");
  return [
    ...repairs.items.map((it: ApiObject) => section(`NodeRepair ${it.metadata.name}`, stringify(it.status ?? {}))),
    section("Nodes", nodes.items.map(toLine).join("\n")),
    section("Explained", (await Promise.all(explained)).join("\n")),
    section("Acts on machines", acts.map((it) => `${it.atMonoMs | 0} ${it.operation} ${it.machine}`).join("\n")),
    ...replicas.map((it) =>
      section(
        `Log of ${it.name}${it.isAlive() ? "" : " (ended)"}`,
        it.lines
          .slice(-linesOfEach)
          .map(({ text }) => text)
          .join("\n"),
      ),
    ),
  ].join("\n");
}

function section(title: string, text: string): string {
  return `--- ${title}\n${text}`;
}

function toLine(node: ApiObject): string {
  const ready = node.status?.conditions?.find((it: ApiObject) => it.type === "Ready")?.status;
  const taints = (node.spec.taints ?? []).map((it: ApiObject) => `${it.key}:${it.effect}`).join(",");
  const marks = node.metadata.annotations?.["aceso.dev/marks"] ?? "";
  const cordon = node.spec.unschedulable === true ? "cordoned" : "";
  return [node.metadata.name, `Ready=${ready}`, cordon, taints, marks].filter(Boolean).join("  ");
}
