import { type NetworkFace, openNetworkFace } from "../hollow/network-face.ts";
import type { ServerMachine } from "./server-machine.ts";

/** Gives nodes addresses that answer like their machines. */
export interface NodeAddresses {
  /** @returns the machine's address; it answers from now on as long as the machine's kernel works */
  open(machine: ServerMachine): Promise<string>;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** Of the API server on each master. */
  readonly port: number;
  readonly certificate: (address: string) => { readonly cert: string; readonly key: string };
}

/** Addresses of 127.0.0.0/8. A master's answers `/healthz` over TLS, with or without its kubelet; a worker's is silent. */
export function loopbackAddresses(options: LoopbackOptions): NodeAddresses {
  // several clouds may run side by side
  const third = 1 + Math.floor(Math.random() * 250);
  const faces: NetworkFace[] = [];
  let last = 1;
  return {
    async open(machine) {
      last += 1;
      const host = `127.0.${third}.${last}`;
      if (machine.role !== "master") return host;
      const face = await openNetworkFace({ host, port: options.port, tls: options.certificate(host) });
      faces.push(face);
      const show = () => face.show(machine.answersNetwork ? "alive" : "mute");
      machine.onChange(() => void show());
      await show();
      return host;
    },
    async close() {
      await Promise.all(faces.map((face) => face.close()));
    },
  };
}
