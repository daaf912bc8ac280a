import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import {
  encodePacket,
  type Packet,
  PacketReader,
  packetStatus,
  packetTypes,
  programs,
} from "../../../plugins/providers/libvirt/rpc/packet.ts";
import { XdrReader, XdrWriter } from "../../../plugins/providers/libvirt/rpc/xdr.ts";
import { handlers, never, writeDomain } from "./handlers.ts";
import { Refusal, type SimHypervisor } from "./hypervisor.ts";

/** Where it listens. With TLS it sends the one byte that says that the client's certificate is welcome. */
export type Listen =
  | { readonly path: string }
  | { readonly port: number; readonly host: string; readonly tls?: TlsOptions };

/** A libvirtd that speaks the real protocol over a socket, and misbehaves on command. */
export class SimDaemon implements AsyncDisposable {
  readonly hypervisor: SimHypervisor;
  /** Numbers of the calls that came, in order. */
  readonly calls: number[] = [];
  /** How many pings came. */
  pings = 0;
  /** How many connections were made in all. */
  connections = 0;
  /** What it wants before it opens anything (remote_auth_type): 0 nothing, 1 SASL, 2 polkit, which refuses here. */
  wants = 0;
  /** SASL mechanisms that it offers. */
  mechanisms = "SCRAM-SHA-256";
  /** `deaf` reads and answers nothing, not even pings; `babbling` answers with noise. */
  manner: "well" | "deaf" | "babbling" = "well";
  /** Called before each call is worked on; what it throws as a Refusal is the answer, `"lost"` ends the connection instead. */
  before: (procedure: number) => "lost" | undefined = () => undefined;
  /** Called after each call was worked on; `"lost"` ends the connection instead of the answer. */
  after: (procedure: number) => "lost" | undefined = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(hypervisor: SimHypervisor, server: Server) {
    this.hypervisor = hypervisor;
    this.#server = server;
  }

  static async start(hypervisor: SimHypervisor, listen: Listen): Promise<SimDaemon> {
    const tls = "tls" in listen ? listen.tls : undefined;
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const daemon = new SimDaemon(hypervisor, server);
    server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      if (tls !== undefined) socket.write(Buffer.from([1]));
      daemon.#serve(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(listen, resolve);
    });
    return daemon;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("this daemon has no port");
    return address.port;
  }

  /** Cuts all connections, as a daemon that dies. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    const packets = new PacketReader();
    let stopListening: (() => void) | undefined;
    const listen = () => {
      if (stopListening !== undefined) throw new Refusal(8, 0, "invalid argument: event callback already tracked");
      stopListening = this.hypervisor.onNotice(({ domain, event }) => {
        const payload = writeDomain(new XdrWriter().int(0), domain).int(event).int(0).toBuffer();
        const type = packetTypes.message;
        send(socket, { program: programs.remote, procedure: 318, type, serial: 1, status: packetStatus.ok, payload });
      });
    };
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      stopListening?.();
    });
    socket.on("data", (chunk: Buffer) => {
      for (const packet of packets.push(chunk)) this.#take(socket, packet, listen);
    });
  }

  #take(socket: Socket, packet: Packet, listen: () => void): void {
    if (this.manner === "deaf") return;
    if (packet.program === programs.keepalive) {
      if (packet.procedure === 1) {
        this.pings += 1;
        send(socket, { ...packet, procedure: 2 });
      }
      return;
    }
    this.calls.push(packet.procedure);
    if (this.manner === "babbling") {
      socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
      return;
    }
    try {
      if (this.before(packet.procedure) === "lost") return void socket.destroy();
      const outcome = this.#work(packet, listen);
      if (this.after(packet.procedure) === "lost") return void socket.destroy();
      if (outcome === never) return;
      send(socket, { ...packet, type: packetTypes.reply, payload: outcome.toBuffer() });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const status = packetStatus.error;
      send(socket, { ...packet, type: packetTypes.reply, status, payload: errorPayload(error) });
    }
  }

  #work({ procedure, payload }: Packet, listen: () => void) {
    switch (procedure) {
      case 66:
        return new XdrWriter().int(1).int(this.wants);
      case 67:
        return new XdrWriter().text(this.mechanisms);
      case 70:
        throw new Refusal(1, 47, "authentication unavailable: no polkit agent available to authenticate action");
      case 1:
      case 2:
        return new XdrWriter();
      case 316:
        listen();
        return new XdrWriter().int(0);
      default: {
        const handler = handlers[procedure];
        if (handler === undefined) throw new Refusal(39, 7, `unknown procedure: ${procedure}`);
        return handler(this.hypervisor, new XdrReader(payload));
      }
    }
  }
}

function send(socket: Socket, packet: Packet): void {
  if (!socket.destroyed) socket.write(encodePacket(packet));
}

/** As libvirt's own: the message once more in its parts, and no object. */
function errorPayload({ number, area, message }: Refusal): Buffer {
  const head = new XdrWriter().int(number).int(area).optionalText(message).int(2).int(0);
  return head.optionalText(message).optionalText(undefined).optionalText(undefined).int(-1).int(-1).int(0).toBuffer();
}
