import { rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { encodePacket, type Packet, PacketReader, packetTypes } from "../../../plugins/providers/libvirt/rpc/packet.ts";

type Manner = "well" | "silent" | "nonsense";

/** Stands between the plugin and a real daemon, counts, and misbehaves on command. */
export interface DaemonProxy extends AsyncDisposable {
  readonly uri: string;
  /** Numbers of the calls that went through. */
  readonly calls: number[];
  /** `silent` swallows what comes; `nonsense` answers with noise. */
  behave(manner: Manner): void;
  /** From now on the answer to this procedure is lost together with its connection. */
  loseAnswerTo(procedure: number | undefined): void;
}

/** @param path of its own socket; @param target of the daemon's */
export async function startProxy(path: string, target: string): Promise<DaemonProxy> {
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const calls: number[] = [];
  let manner: Manner = "well";
  let lost: number | undefined;
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
      if (packet.type === packetTypes.call) calls.push(packet.procedure);
      far.write(encodePacket(packet));
    });
    forward(far, (packet) => {
      const isLost = packet.type === packetTypes.reply && packet.procedure === lost;
      if (isLost) close();
      else if (manner === "well") near.write(encodePacket(packet));
    });
  });
  const proxy: DaemonProxy = {
    uri: `qemu:///system?socket=${path}`,
    calls,
    behave: (next) => {
      manner = next;
    },
    loseAnswerTo: (procedure) => {
      lost = procedure;
    },
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
