import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { messageOf } from "../../../../src/core/errors.ts";
import { eventually } from "../../../support/eventually.ts";
import { Operator } from "../cloud/operator.ts";
import { type ComputeHost, computeHosts, host, type Layout } from "./layout.ts";
import type { Processes } from "./processes.ts";
import { novaCompute } from "./programs.ts";
import { computeServices, startVolumes, startZone, untilReports } from "./start-order.ts";

/** Takes orders of test processes about processes that live here: compute hosts, and the volume service. */
export interface Hand {
  close(): Promise<void>;
}

/** `POST /hosts/NAME/dead`, `POST /hosts/NAME/alive`, `POST /zones/NAME`, `POST /volumes`; each answers when it is done. */
export async function openHand(layout: Layout, processes: Processes): Promise<Hand> {
  const admin = new Operator(layout);
  let queue: Promise<void> = Promise.resolve();
  const obey = async (path: string): Promise<void> => {
    if (path === "/volumes") return processes.isRunning("cinder-api") ? undefined : startVolumes(layout, processes);
    const [, kind, name = "", wish] = path.split("/");
    if (kind === "zones") return startZone(layout, processes, name);
    const known = computeHosts.find((each) => each.name === name);
    if (known === undefined) throw new Error(`no compute host ${name}`);
    return wish === "dead" ? kill(known.name) : revive(known.name);
  };
  const kill = async (name: ComputeHost) => {
    await processes.kill(`nova-${name}`);
    await setForcedDown(admin, name, true);
  };
  const revive = async (name: ComputeHost) => {
    if (!processes.isRunning(`nova-${name}`)) await processes.start(novaCompute(layout, name));
    // refused while the records of an evacuation from it remain: it clears them when it starts
    await eventually(`${name} is no longer forced down`, () => setForcedDown(admin, name, false).then(() => true), {
      withinMs: 240_000,
      everyMs: 500,
    });
    await untilReports(admin, name);
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    // one after the other: two tests may ask for the same
    queue = queue.then(() =>
      obey(request.url ?? "").then(
        () => void response.writeHead(204).end(),
        (error) => void response.writeHead(500).end(messageOf(error)),
      ),
    );
  };
  const server = createServer(serve);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ host, port: layout.ports.hand }, resolve);
  });
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await queue;
    },
  };
}

/** Says of a host that it is known to be down. A dead nova-compute alone would count as up for a minute. */
async function setForcedDown(admin: Operator, name: string, isDown: boolean): Promise<void> {
  const found = (await computeServices(admin)).find((each) => each.host === name);
  await admin.must("PUT", "nova", `/os-services/${found?.id}`, { forced_down: isDown });
}
