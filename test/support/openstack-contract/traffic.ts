import { expect } from "vitest";
import type { HttpSession } from "../openstack-http.ts";
import { act, type ContractKit, start, stop } from "./kit.ts";
import type { AddTest } from "./tests.ts";

export function trafficContract(add: AddTest, kit: ContractKit): void {
  add("every call is seen with its body and its status, and nothing of the operator's hand", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    const before = cloud.calls().length;
    await cloud.act(id, stop);
    await cloud.server(id);
    await kit.settled(session, id, "SHUTOFF");
    await act(session, id, start);
    // Heat and Magnum tidy up in Keystone at times, for clusters of earlier tests
    const seen = cloud
      .calls()
      .slice(before)
      .filter(({ service }) => service === "nova");
    const path = `/v2.1/servers/${id}`;
    expect(seen[0]).toEqual({ service: "nova", method: "GET", path, body: "", status: 200 });
    const changes = seen.filter(({ method }) => method !== "GET");
    const call = { service: "nova", method: "POST", path: `${path}/action`, body: '{"os-start":null}', status: 202 };
    expect(changes).toEqual([call]);
  });

  add("an answer is lost once, after the act took place", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    cloud.loseNextAnswer("nova", "POST", /\/action$/);
    await expect(act(session, id, stop)).rejects.toThrow();
    expect(cloud.calls().at(-1)).toMatchObject({ method: "POST", body: '{"os-stop":null}', status: 202 });
    await kit.settled(session, id, "SHUTOFF");
    expect((await act(session, id, start)).status).toBe(202);
  });

  add("a service refuses, is silent, answers 503, talks nonsense, and is well again", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    await cloud.setServiceFault("nova", "refuses");
    expect(await outcome(kit, session)).toMatch(/^(ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)$/);
    await cloud.setServiceFault("nova", "silent");
    expect(await outcome(kit, session, silentMs)).toBe("TimeoutError");
    await cloud.setServiceFault("nova", "answers-503");
    expect(await outcome(kit, session)).toBe(503);
    await cloud.setServiceFault("nova", "talks-nonsense");
    const nonsense = await session.nova("GET", "/servers");
    expect([nonsense.status, nonsense.body]).toEqual([200, undefined]);
    await cloud.setServiceFault("nova", undefined);
    expect(await outcome(kit, session)).toBe(200);
  });
}

/** Who has not answered by then is silent. */
const silentMs = 1_000;
/** Time for an answer that does come. */
const answeredMs = 60_000;

/** Status, or why there was none within so much time of the cloud's clock. */
async function outcome(
  { pace }: ContractKit,
  session: HttpSession,
  withinMs: number = answeredMs,
): Promise<number | string> {
  using deadline = pace.clock.deadline(withinMs);
  try {
    const call = { version: "compute 2.79", signal: deadline.signal };
    return (await session.call("compute", "GET", "/servers", call)).status;
  } catch (error) {
    const { cause, name } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    return cause?.code ?? name;
  }
}
