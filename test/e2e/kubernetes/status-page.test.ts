import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Ward, WardNode, WardPerson } from "../../../src/http/ward.ts";
import type { AcesoProcess } from "../../support/aceso-process.ts";
import { briskConfig, briskNode, type Scenario, withProvider } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { requestToken, userOf } from "../../support/service-account.ts";
import { useScenario } from "./use-scenario.ts";

const root = join(import.meta.dirname, "../../..");
const names = ["w1", "w2", "w3"];
const person = { namespace: "default", name: "night-shift" };
const visitor = { namespace: "default", name: "visitor" };

const scenario = useScenario(
  {
    nodes: names.map((name) => ({ name, ...briskNode })),
    config: { ...briskConfig, ...withProvider, "max-unhealthy": "100%" },
  },
  async (it) => {
    await it.create([...account(person), ...account(visitor)]);
    await giveRights(it, person);
    await it.startReplica({ name: "replica-1" });
    await it.startReplica({ name: "replica-2" });
    await it.leader();
  },
);

let tokens: Readonly<Record<"person" | "visitor", string>>;
beforeAll(async () => {
  const { api } = scenario();
  tokens = {
    person: await requestToken(api, person),
    visitor: await requestToken(api, visitor),
  };
});

test("a token without rights, a wrong one and none are refused by a real API server's word", async () => {
  const [replica] = scenario().replicas as [AcesoProcess];
  const statusWith = async (token?: string) => (await post(replica, "/api/v1/nodes/w2/pause", {}, token)).status;
  expect(await statusWith()).toBe(401);
  expect(await statusWith("eyJhbGciOiJub25lIn0.e30.")).toBe(401);
  expect(await statusWith(tokens.visitor)).toBe(403);
  expect((await scenario().node("w2")).metadata.annotations["aceso.dev/paused"]).toBeUndefined();
});

test("a person with the rights pauses and resumes, under the name that the API server knows", async () => {
  const [replica] = scenario().replicas as [AcesoProcess];
  const me = await get<WardPerson>(replica, "/api/v1/me", tokens.person);
  expect(me).toEqual({ name: userOf(person), mayPauseCluster: true, mayPauseNodes: true, mayRepair: true });
  expect((await post(replica, "/api/v1/nodes/w2/pause", { reason: "racks", for: "1h" }, tokens.person)).status).toBe(
    200,
  );
  const { annotations } = (await scenario().node("w2")).metadata;
  expect(annotations).toMatchObject({ "aceso.dev/paused": "racks", "aceso.dev/paused-by": userOf(person) });
  const told = { scope: "node", node: "w2", reason: "racks", by: userOf(person) };
  for (const each of scenario().replicas) {
    await eventually(`${each.name} shows the pause`, async () => {
      const { pauses } = await get<Ward>(each, "/api/v1/ward");
      return pauses.some((it) => it.node === told.node && it.reason === told.reason && it.by === told.by);
    });
  }
  expect((await post(replica, "/api/v1/nodes/w2/resume", {}, tokens.person)).status).toBe(200);
  expect((await post(replica, "/api/v1/pause", { reason: "storm" }, tokens.person)).status).toBe(200);
  expect((await post(replica, "/api/v1/resume", {}, tokens.person)).status).toBe(200);
});

test("leader and follower say the same of a node, and it is what explain says", async () => {
  const { aceso, replicas } = scenario();
  const explained = JSON.parse(await aceso(["explain", "w3", "-o", "json"])) as WardNode;
  // each hears of what was changed a moment before, as the end of a pause, in its own time
  for (const replica of replicas) {
    await eventually(`${replica.name} says so`, async () => {
      const { sentence, state, wouldChange } = await get<WardNode>(replica, "/api/v1/nodes/w3");
      expect({ sentence, state, wouldChange }).toEqual({
        sentence: explained.sentence,
        state: explained.state,
        wouldChange: explained.wouldChange,
      });
      return true;
    });
  }
  await eventually("one of them leads", async () => {
    const wards = await Promise.all(replicas.map((it) => get<Ward>(it, "/api/v1/ward")));
    expect(wards.filter(({ servedBy }) => servedBy.isLeader)).toHaveLength(1);
    return true;
  });
});

test("a repair that was asked for on the page is done, and every replica tells how long each phase took", async () => {
  const { replicas, untilPhase } = scenario();
  const [, second] = replicas as [AcesoProcess, AcesoProcess];
  const asked = await post(second, "/api/v1/nodes/w1/repair", { reason: "it stutters" }, tokens.person);
  expect(asked.status).toBe(200);
  const repair = await untilPhase("w1", "Healed");
  expect(repair.spec.requestedBy).toBe(userOf(person));
  for (const replica of replicas) {
    const ended = await eventually(`${replica.name} tells of it`, async () => {
      const { timeline } = await get<Ward>(replica, "/api/v1/ward");
      return timeline.find((it) => it.node === "w1");
    });
    expect(ended.outcome).toBe("Healed");
    const phases = ended.phases.map(({ phase }) => phase);
    expect(phases.slice(0, 1)).toEqual(["Cordoning"]);
    expect(phases).toContain("Restoring");
    expect(ended.phases.every(({ endedAt }) => endedAt !== null)).toBe(true);
  }
});

async function portOf(replica: AcesoProcess): Promise<number> {
  return Number((await replica.line(/serves the status page/)).fields.port);
}

async function get<T>(replica: AcesoProcess, path: string, token?: string): Promise<T> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${await portOf(replica)}${path}`, { headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function post(replica: AcesoProcess, path: string, body: object, token?: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${await portOf(replica)}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-aceso-request": "1",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
}

function account(metadata: typeof person): object[] {
  return [{ apiVersion: "v1", kind: "ServiceAccount", metadata }];
}

/** As docs/status-page.md gives them. */
async function giveRights({ plane }: Scenario, { name, namespace }: typeof person): Promise<void> {
  const to = `--serviceaccount=${namespace}:${name}`;
  await plane.kubectl(["create", "-f", join(root, "manifests/status-page.yaml")]);
  await plane.kubectl(["create", "clusterrolebinding", "people", "--clusterrole=aceso-people", to]);
  await plane.kubectl(["-n", "aceso", "create", "rolebinding", "people", "--role=aceso-people", to]);
}
