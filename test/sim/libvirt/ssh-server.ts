import { connect, type Socket } from "node:net";
import ssh2, { type Connection, type ParsedKey, type Server, type ServerChannel } from "ssh2";

/** Keys as files hold them. */
export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

export function makeKey(passphrase?: string): KeyPair {
  const { generateKeyPairSync } = ssh2.utils;
  if (passphrase === undefined) return generateKeyPairSync("ed25519");
  return generateKeyPairSync("ed25519", { passphrase, cipher: "aes256-ctr", rounds: 4 });
}

/** What the server does when it is asked for something. */
interface Manners {
  /** Forwarding to unix sockets. */
  forwards: boolean;
  /** The program of libvirt's own is there; otherwise the shell says so and ends with 127. `never`: no shell at all. */
  helper: "there" | "missing" | "never";
  /** Takes the connection and says nothing more. */
  isMute: boolean;
}

/** An sshd in front of a simulated daemon, which lets one user in with one key. */
export class SimSshServer implements AsyncDisposable {
  readonly manners: Manners = { forwards: true, helper: "there", isMute: false };
  /** How many connections came, and how many keys were shown. */
  connections = 0;
  attempts = 0;
  /** Programs that were asked for. */
  readonly commands: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #authorized: ParsedKey;
  readonly #socketPath: string;

  private constructor(hostKey: KeyPair, authorized: KeyPair, socketPath: string) {
    this.#authorized = parsed(authorized.public);
    this.#socketPath = socketPath;
    this.#server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => this.#serve(connection));
  }

  /** @param socketPath where every way through the server ends, whatever was asked for */
  static async start(hostKey: KeyPair, authorized: KeyPair, socketPath: string): Promise<SimSshServer> {
    const server = new SimSshServer(hostKey, authorized, socketPath);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Cuts all connections. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(connection: Connection): void {
    this.connections += 1;
    connection.on("error", () => {});
    connection.on("authentication", (context) => {
      if (this.manners.isMute) return;
      if (context.method !== "publickey" || context.username !== "healer") return context.reject(["publickey"]);
      this.attempts += 1;
      const isOurs = context.key.data.equals(this.#authorized.getPublicSSH());
      const { signature, blob } = context;
      const isProven = signature === undefined || (blob && this.#authorized.verify(blob, signature) === true);
      if (isOurs && isProven) context.accept();
      else context.reject(["publickey"]);
    });
    connection.on("ready", () => {
      connection.on("openssh.streamlocal", (accept, reject) => {
        if (this.manners.forwards) this.#join(accept());
        else reject();
      });
      connection.on("session", (accept, reject) => {
        if (this.manners.helper === "never") return reject();
        accept().on("exec", (acceptExec, _reject, { command }) => {
          this.commands.push(command);
          const channel = acceptExec();
          if (this.manners.helper === "there") return this.#join(channel);
          channel.stderr.write("sh: no such program\n");
          channel.exit(127);
          channel.end();
        });
      });
    });
  }

  #join(channel: ServerChannel): void {
    const socket = connect(this.#socketPath);
    this.#sockets.add(socket);
    socket.on("error", () => channel.end());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      channel.end();
    });
    channel.on("close", () => socket.destroy());
    channel.on("error", () => socket.destroy());
    socket.pipe(channel).pipe(socket);
  }
}

function parsed(key: string): ParsedKey {
  const result = ssh2.utils.parseKey(key);
  if (result instanceof Error) throw result;
  return result;
}
