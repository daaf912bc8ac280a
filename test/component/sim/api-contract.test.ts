import { systemClock } from "../../../src/app/clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { KubeSimulator } from "../../sim/kube/simulator.ts";
import { ApiClient } from "../../support/api-client.ts";
import { InProcessApi } from "../../support/in-process-api.ts";
import { describeApiContract } from "./api-contract.ts";

/** Ten times as fast, so that watches end sooner. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 10, signal) };

async function connectWith(makeClient: (kube: KubeSimulator) => ApiClient) {
  const kube = new KubeSimulator({ clock: hurried });
  await kube.start();
  const api = makeClient(kube);
  return {
    api,
    compact: async () => kube.compact(),
    async close() {
      api.close();
      await kube.stop();
    },
  };
}

describeApiContract("the simulator", () =>
  connectWith((kube) => new ApiClient({ servers: kube.urls, token: "contract.1" })),
);
describeApiContract("the simulator without sockets", () => connectWith((kube) => new InProcessApi(kube)));
