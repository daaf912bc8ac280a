import { stringify } from "yaml";
import type { ApiObject } from "../../support/api-client.ts";
import type { Stage } from "../../support/e2e-stage/stage.ts";
import { isReady } from "../../support/node-state.ts";

const linesOfEach = 40;

/**
 * What a person needs who looks at a failed test: repairs, nodes that are not well, logs.
 *
 * @param acts what the machines' owner was asked to do, one line each
 */
export async function tellStory(stage: Stage, acts: readonly string[]): Promise<string> {
  const { api, replicas } = stage;
  const repairs = await api.get("/apis/aceso.dev/v1alpha1/noderepairs").catch(() => ({ items: [] }));
  const nodes = await api.get("/api/v1/nodes").catch(() => ({ items: [] }));
  const unwell = nodes.items.filter((it: ApiObject) => !isReady(it)).slice(0, 3);
  const explained = unwell.map((it: ApiObject) => stage.aceso(["explain", it.metadata.name]).catch(String));
  return [
    ...repairs.items.map((it: ApiObject) => section(`NodeRepair ${it.metadata.name}`, stringify(it.status ?? {}))),
    section("Nodes", nodes.items.map(toLine).join("\n")),
    section("Explained", (await Promise.all(explained)).join("\n")),
    section("Acts on machines", acts.join("\n")),
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
