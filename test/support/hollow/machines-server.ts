import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Machine } from "./machine.ts";

/** One call of the exec provider, as it arrived. */
export interface Operation {
  readonly operation: string;
  /** The intent's id; empty for reading operations. */
  readonly id: string;
  readonly node: string;
  readonly machine: string;
  readonly atMonoMs: number;
  readonly answer: object;
}

/** How a machine's owner misbehaves at one operation. */
export interface Fault {
  /** It does nothing, and says so. */
  readonly error?: { readonly remedy: "retry" | "re-read" | "give-up" | "ask-operator"; readonly message: string };
  /** It does what it was asked, and the answer never arrives. */
  readonly losesAnswer?: boolean;
  /** It says yes and does nothing. */
  readonly doesNothing?: boolean;
  /** It answers this instead of anything of the protocol. */
  readonly text?: string;
}

export interface MachinesServer {
  readonly port: number;
  /** For the configuration: `exec.command`. */
  readonly command: readonly string[];
  /** Everything that was asked, in order. */
  readonly operations: readonly Operation[];
  /** Operations that change something, of one machine's node. */
  actsOn(node: string, operation?: string): readonly Operation[];
  /** Decides per call whether it goes wrong; the last one set counts. */
  misbehave(decide: (operation: string, node: string) => Fault | undefined): void;
  close(): Promise<void>;
}

interface Request {
  readonly operation: string;
  readonly id?: string;
  readonly node?: { readonly name?: string; readonly providerID?: string };
  readonly machine?: string;
}

/**
 * The owner of hollow machines, for Aceso's exec provider: `command` (one process a call) hands its input over a loopback
 * socket to this server, which lives where the machines live.
 */
export async function startMachinesServer(machines: () => readonly Machine[], clock: Clock): Promise<MachinesServer> {
  const operations: Operation[] = [];
  let fault: (operation: string, node: string) => Fault | undefined = () => undefined;
  const serve = async (socket: Socket) => {
    const request: Request = JSON.parse(await readLine(socket));
    const node = request.node?.name ?? "";
    const wrong = fault(request.operation, node);
    const answer = wrong?.error === undefined ? answerOf(machines(), request, wrong) : { error: wrong.error };
    const atMonoMs = clock.now().monoMs;
    const { operation, id = "", machine = "" } = request;
    operations.push({ operation, id, node, machine, atMonoMs, answer });
    if (wrong?.losesAnswer !== true) socket.end(wrong?.text ?? `${JSON.stringify(answer)}\n`);
  };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy()));
    serve(socket).catch(() => socket.destroy());
  });
  const port = await listen(server);
  return {
    port,
    command: [process.execPath, join(import.meta.dirname, "exec-provider.mjs"), String(port)],
    operations,
    actsOn: (node, operation) =>
      operations.filter(
        (each) => each.node === node && !isRead(each) && (operation ?? each.operation) === each.operation,
      ),
    misbehave(decide) {
      fault = decide;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isRead(each: Operation): boolean {
  return each.operation === "identify" || each.operation === "observe";
}

function answerOf(machines: readonly Machine[], request: Request, wrong: Fault | undefined): object {
  if (request.operation === "identify") {
    const mine = machines.find((each) => each.providerID === request.node?.providerID);
    return { machine: mine?.id ?? null };
  }
  // Aceso takes the node's name for the machine where its configuration does not list `identify`
  const machine = machines.find((each) => each.id === request.machine || each.name === request.machine);
  if (machine === undefined) {
    return { error: { remedy: "ask-operator", message: `no machine ${request.machine}` } };
  }
  if (request.operation === "observe") return { power: machine.power, text: `hollow power ${machine.power}` };
  if (wrong?.doesNothing !== true) act(machine, request.operation);
  return { accepted: true };
}

/** Begins what was asked; the answer says "accepted", and `observe` tells how far it is. */
function act(machine: Machine, operation: string): void {
  const acts: Readonly<Record<string, () => Promise<void>>> = {
    "power-off": () => machine.powerOff(),
    "power-on": () => machine.powerOn(),
    "soft-reboot": () => machine.reboot("soft"),
    "hard-reboot": () => machine.reboot("hard"),
    rebuild: () => machine.renew("rebuild"),
    replace: () => machine.renew("replace"),
  };
  void acts[operation]?.();
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(text);
    });
    socket.once("end", () => reject(new Error("no whole line arrived")));
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => resolve((server.address() as AddressInfo).port));
  });
}
