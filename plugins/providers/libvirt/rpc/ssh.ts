import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type Client, type ClientChannel, type PublicKeyAuthMethod, type ServerHostKeyAlgorithm } from "ssh2";
import { messageOf } from "../../../../src/plugin-api/index.ts";
import { ConnectionError } from "./errors.ts";
import { type KnownHost, objectionTo, readKnownHost } from "./known-hosts.ts";
import { opened } from "./sockets.ts";
import { readKey } from "./ssh-login.ts";
import { SshStream } from "./ssh-stream.ts";
import type { SshTarget } from "./uri.ts";

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

/** Not ssh-rsa, which signs with SHA-1. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/**
 * A stream to the daemon's unix socket on the other side of an ssh connection. The other side's key is checked before
 * anything is said to it.
 *
 * @throws ConnectionError, or the socket's own error
 */
export async function openSsh(target: SshTarget, signal: AbortSignal): Promise<Duplex> {
  const { host, port, knownHosts } = target;
  // this one key, once: what an sshd counts as failures may lock us out
  const method: PublicKeyAuthMethod = { type: "publickey", username: target.user, key: await readKey(target, signal) };
  const known = knownHosts === undefined ? undefined : await readKnownHost(knownHosts, target, signal);
  const socket = await opened(connect({ host, port, noDelay: true }), "connect", signal);
  const client = new ssh2.Client();
  let objection: string | undefined;
  const ended = endOf(client, signal);
  try {
    const ready = new Promise<void>((resolve) => client.once("ready", resolve));
    client.connect({
      sock: socket,
      username: target.user,
      authHandler: [method],
      algorithms: { serverHostKey: preferKnown(known) },
      hostVerifier: (key: Buffer) => {
        objection = objectionTo(key, known, target.takesUnknownHost);
        return objection === undefined;
      },
      // the signal ends it
      readyTimeout: 0,
    });
    await Promise.race([ready, ended]);
    const stream = await Promise.race([openChannel(client, socket, target), ended]);
    if (stream.destroyed) throw stream.errored ?? new Error("closed by the other side");
    return stream;
  } catch (error) {
    socket.destroy();
    throw explained(error, objection, target);
  }
}

/** Rejects when the connection ends. The listeners stay: an error without one would end the process. */
function endOf(client: Client, signal: AbortSignal): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new Error("closed by the other side")));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  ended.catch(() => {});
  return ended;
}

/** The daemon's socket by forwarding; where that is refused, by the program that libvirt itself starts there. */
async function openChannel(client: Client, socket: Socket, target: SshTarget): Promise<SshStream> {
  const streamOf = (open: (done: Opened) => void, before = "") =>
    new Promise<SshStream>((resolve, reject) => {
      open((error, channel) => (error ? reject(error) : resolve(new SshStream(client, socket, channel, before))));
    });
  try {
    return await streamOf((done) => client.openssh_forwardOutStreamLocal(target.socket, done));
  } catch (error) {
    const refused = `forwarding to ${target.socket} was refused (${messageOf(error)})`;
    try {
      return await streamOf((done) => client.exec(helperCommand(target), done), `${refused}, and `);
    } catch (second) {
      throw new Error(`${refused}, and so was running virt-ssh-helper (${messageOf(second)})`, { cause: second });
    }
  }
}

/** What libvirt runs, too. */
function helperCommand({ socket, namesSocket, isReadOnly }: SshTarget): string {
  const path = `'${socket.replaceAll("'", "'\\''")}'`;
  const none = "echo 'there is neither virt-ssh-helper nor nc' >&2; exit 127";
  const byNc = `if command -v nc >/dev/null; then exec nc -U ${path}; else ${none}; fi`;
  if (namesSocket) return byNc;
  const helper = `virt-ssh-helper ${isReadOnly ? "-r " : ""}qemu:///system`;
  return `if command -v virt-ssh-helper >/dev/null; then exec ${helper}; else ${byNc}; fi`;
}

/** A daemon chooses the first it has of what is asked for: that should be a key which can be checked. */
function preferKnown(known: KnownHost | undefined): ServerHostKeyAlgorithm[] {
  const types = (known?.keys ?? []).map(({ type }) => type);
  const isKnown = (algorithm: string) => types.includes(algorithm.replace(/^rsa-sha2-.*/, "ssh-rsa"));
  return [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((it) => !isKnown(it))];
}

function explained(error: unknown, objection: string | undefined, { user, port }: SshTarget): unknown {
  if (objection !== undefined) return new ConnectionError(objection, { cause: error, isConfiguration: true });
  // The package says at which stage of the connection it failed.
  const { level } = error as { readonly level?: string };
  if (level === "client-authentication") {
    const advice = `put its public half into ${user}'s authorized_keys there, and see sshd's log`;
    return new ConnectionError(`user ${user} was refused with our key; ${advice}`, {
      cause: error,
      isConfiguration: true,
    });
  }
  if (level !== "handshake") return error;
  const problem = `ssh with port ${port}: ${messageOf(error)}`;
  return new ConnectionError(problem, { cause: error, isConfiguration: true });
}
