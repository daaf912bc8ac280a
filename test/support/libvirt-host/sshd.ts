import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../eventually.ts";
import { findFreePort } from "../free-port.ts";
import { type Owned, startOwned } from "../processes.ts";

const run = promisify(execFile);
export const passphrase = "s3cret passphrase";

/** An OpenSSH server on loopback with host keys and authorized keys of its own; it lets root in, with these keys only. */
export interface Sshd extends AsyncDisposable {
  /** Forwards to unix sockets and runs nothing. */
  readonly port: number;
  /** Does not forward; programs may be run. */
  readonly helperPort: number;
  /** A private key in the folder: `ours` and `locked` (with a passphrase) are let in, `strangers` is not. */
  keyFile(name: "ours" | "locked" | "strangers"): string;
  /** A host key as a line of known_hosts has it. */
  hostKey(type: "ed25519" | "rsa" | "strangers"): Promise<string>;
  /** What it has written, from the beginning. */
  log(): Promise<string>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** @param folder of its own, made anew */
export async function startSshd(folder: string): Promise<Sshd> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  // where Debian's sshd insists on going after a connection was made
  await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const file = (name: string) => join(folder, name);
  const make = (name: string, type = "ed25519", secret = "") =>
    run("ssh-keygen", ["-q", "-t", type, ...(type === "rsa" ? ["-b", "2048"] : []), "-N", secret, "-f", file(name)]);
  await Promise.all([
    make("host_ed25519"),
    make("host_rsa", "rsa"),
    make("host_strangers"),
    make("ours"),
    make("locked", "ed25519", passphrase),
    make("strangers"),
  ]);
  const publicKey = async (name: string) => (await readFile(file(`${name}.pub`), "utf8")).trim();
  const limits = 'restrict,port-forwarding,command="/bin/false"';
  await writeFile(file("forwarders"), `${limits} ${await publicKey("ours")}\n${limits} ${await publicKey("locked")}\n`);
  await writeFile(file("runners"), `restrict ${await publicKey("ours")}\n`);
  const port = await findFreePort();
  const helperPort = await findFreePort();
  await writeFile(file("sshd_config"), configuration(folder, port, helperPort));
  const logFile = file("sshd.out");
  let owned: Owned | undefined;
  const stop = async () => await owned?.kill();
  const start = async () => {
    const args = ["-D", "-e", "-f", file("sshd_config")];
    ({ owned } = await startOwned({ name: "sshd", command: "/usr/sbin/sshd", args, logFile }));
    await eventually("sshd answers", async () => (await answers(port)) && (await answers(helperPort)), { everyMs: 50 });
  };
  await start();
  return {
    port,
    helperPort,
    keyFile: file,
    hostKey: async (type) => await publicKey(`host_${type}`),
    log: () => readFile(logFile, "utf8"),
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  };
}

function configuration(folder: string, port: number, helperPort: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
Port ${helperPort}
HostKey ${folder}/host_ed25519
HostKey ${folder}/host_rsa
PidFile ${folder}/sshd.pid
AuthorizedKeysFile ${folder}/forwarders
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
LogLevel VERBOSE
Match LocalPort ${helperPort}
  AuthorizedKeysFile ${folder}/runners
  AllowStreamLocalForwarding no
`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
