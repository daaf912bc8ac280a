import { rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import {
  encodePacket,
  type Packet,
  PacketReader,
  packetTypes,
  programs,
} from "../../../plugins/providers/libvirt/rpc/packet.ts";

type Manner = "well" | "silent" | "nonsense";
type Hook = (procedure: number) => "lost" | undefined;

/** Stands between the plugin and a real daemon, counts, and misbehaves on command. */
export interface DaemonProxy extends AsyncDisposable {
  readonly uri: string;
  /** Numbers of the calls that went through. */
  readonly calls: number[];
  /** `silent` swallows what comes; `nonsense` answers with noise. */
  behave(manner: Manner): void;
  /** Called with each call before the daemon gets it; `"lost"` ends the connection instead. */
  before: Hook;
  /** Called with each answer before the caller gets it; `"lost"` ends the connection instead. */
  after: Hook;
}

/** @param path of its own socket; @param target of the daemon's */
export async function startProxy(path: string, target: string): Promise<DaemonProxy> {
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const calls: number[] = [];
  let manner: Manner = "well";
  const server = createServer((near) => {
    const far = connect(target);
    const close = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", close);
      socket.on("close", () => {
        sockets.delete(socket);
        close();
      });
    }
    forward(near, (packet) => {
      if (manner === "silent") return;
      if (manner === "nonsense") return void near.write("no such protocol here, sorry\r\n\r\n");
      const isCall = packet.program === programs.remote && packet.type === packetTypes.call;
      if (isCall) calls.push(packet.procedure);
      if (isCall && proxy.before(packet.procedure) === "lost") close();
      else far.write(encodePacket(packet));
    });
    forward(far, (packet) => {
      const isAnswer = packet.program === programs.remote && packet.type === packetTypes.reply;
      if (isAnswer && proxy.after(packet.procedure) === "lost") close();
      else if (manner === "well") near.write(encodePacket(packet));
    });
  });
  const proxy: DaemonProxy = {
    uri: `qemu:///system?socket=${path}`,
    calls,
    behave: (next) => {
      manner = next;
    },
    before: () => undefined,
    after: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return proxy;
}

function forward(socket: Socket, take: (packet: Packet) => void): void {
  const packets = new PacketReader();
  socket.on("data", (chunk: Buffer) => {
    for (const packet of packets.push(chunk)) take(packet);
  });
}
