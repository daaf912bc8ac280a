import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import { type Owned, startOwned } from "../processes.ts";

export interface DaemonSettings {
  readonly folder: string;
  readonly tcpPort: number;
  readonly tlsPort: number;
  /** TLS asks for a password as well. */
  readonly wantsPassword: boolean;
}

/** Starts a libvirtd on loopback and libvirt's fixed sockets. Its guests outlive it. */
export async function startLibvirtd(settings: DaemonSettings, isReady: () => Promise<boolean>): Promise<Owned> {
  const { folder } = settings;
  const file = join(folder, "libvirtd.conf");
  await writeFile(file, configuration(settings));
  const { owned } = await startOwned({
    name: "libvirtd",
    command: "libvirtd",
    args: ["-l", "-f", file, "-p", join(folder, "libvirtd.pid")],
    env: { ...process.env, SASL_CONF_PATH: folder },
    logFile: join(folder, "libvirtd.out"),
  });
  await eventually("libvirtd answers", isReady, { everyMs: 50 });
  return owned;
}

/** Keeps the guests' serial lines open while libvirtd is away. */
export async function startVirtlogd(folder: string): Promise<Owned> {
  const args = ["-p", join(folder, "virtlogd.pid")];
  const { owned } = await startOwned({
    name: "virtlogd",
    command: "virtlogd",
    args,
    logFile: join(folder, "virtlogd.out"),
  });
  return owned;
}

function configuration({ folder, tcpPort, tlsPort, wantsPassword }: DaemonSettings): string {
  return `listen_tcp = 1
listen_tls = 1
listen_addr = "127.0.0.1"
tcp_port = "${tcpPort}"
tls_port = "${tlsPort}"
auth_tcp = "none"
auth_tls = "${wantsPassword ? "sasl" : "none"}"
auth_unix_ro = "none"
auth_unix_rw = "none"
ca_file = "${folder}/pki/cacert.pem"
cert_file = "${folder}/pki/servercert.pem"
key_file = "${folder}/pki/serverkey.pem"
crl_file = ""
log_outputs = "3:file:${folder}/libvirtd.log"
`;
}
