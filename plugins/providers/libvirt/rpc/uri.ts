import { PluginParamError } from "../../../../src/plugin-api/index.ts";

/** Where a hypervisor's daemon listens, and how it is reached. */
export type Target =
  | { readonly transport: "unix"; readonly socket: string }
  | { readonly transport: "tcp"; readonly host: string; readonly port: number }
  | { readonly transport: "tls"; readonly host: string; readonly port: number; readonly files: TlsFiles }
  | SshTarget;

export interface TlsFiles {
  readonly authorities: string;
  readonly certificate: string;
  readonly key: string;
}

export interface SshTarget {
  readonly transport: "ssh";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly passphraseFile: string | undefined;
  /** Undefined only together with `takesUnknownHost`. */
  readonly knownHosts: string | undefined;
  /** libvirt's `no_verify=1`: a host without a key in `knownHosts` is believed; one with another key is not. */
  readonly takesUnknownHost: boolean;
  /** The daemon's socket on the other side, and whether the URI names it. */
  readonly socket: string;
  readonly namesSocket: boolean;
  readonly isReadOnly: boolean;
}

/** A connection URI as libvirt writes it, taken apart. */
export interface ConnectionUri {
  /** Without its query, for messages and as the hypervisor's name: `qemu+tls://host-a/system`. */
  readonly name: string;
  /** What the daemon is asked to open: `qemu:///system`. */
  readonly driver: string;
  readonly target: Target;
  /** Libvirt's own file of user names and passwords (`?authfile=`). */
  readonly authFile: string | undefined;
}

const tcpPort = 16_509;
const tlsPort = 16_514;
const sshPort = 22;
const sockets = { full: "/run/libvirt/libvirt-sock", readOnly: "/run/libvirt/libvirt-sock-ro" };
const defaultFiles: TlsFiles = {
  authorities: "/etc/pki/CA/cacert.pem",
  certificate: "/etc/pki/libvirt/clientcert.pem",
  key: "/etc/pki/libvirt/private/clientkey.pem",
};

const known: Readonly<Record<Target["transport"], readonly string[]>> = {
  unix: ["socket"],
  tcp: [],
  tls: ["pkipath", "authfile"],
  ssh: ["keyfile", "known_hosts", "passphrase_file", "no_verify", "socket"],
};

/**
 * Reads `qemu:///system`, `qemu+unix://`, `qemu+tcp://`, `qemu+tls://` and `qemu+ssh://USER@`, with their parameters
 * `socket`, `pkipath` (a folder with cacert.pem, clientcert.pem and clientkey.pem), `authfile`, and for ssh `keyfile`,
 * `known_hosts`, `no_verify` as libvirt has them and `passphrase_file`, which it has not.
 *
 * @throws PluginParamError saying what is wrong with the URI, without the URI itself
 */
export function parseConnectionUri(text: string, options: { readonly isReadOnly: boolean }): ConnectionUri {
  const match = /^([a-z]+)(?:\+([a-z0-9]+))?:\/\/((?:[^/?#@]*@)?)([^/?#]*)(\/[^?#]*)(?:\?([^#]*))?$/.exec(text);
  if (match === null) wrong("expected a URI such as qemu+tls://host-a/system");
  const [, driver = "", scheme, user = "", place = "", path = "", query = ""] = match;
  if (driver !== "qemu") wrong("expected a URI that begins with qemu: only QEMU's driver is supported");
  if (path !== "/system") wrong("expected a URI whose path is /system");
  const { host, port } = splitPlace(place);
  const transport = scheme ?? (host === "" ? "unix" : "tls");
  if (transport === "libssh" || transport === "libssh2") wrong(`qemu+${transport} is not supported: use qemu+ssh`);
  if (!isTransport(transport)) wrong(`transport ${transport} is not supported: expected unix, tcp, tls or ssh`);
  const parameters = readQuery(query, transport);
  const target =
    transport === "ssh"
      ? toSshTarget(host, port, user, parameters, options.isReadOnly)
      : toTarget(transport, host, port, user, parameters, options.isReadOnly);
  const name = transport === "unix" ? "qemu:///system" : `qemu+${transport}://${place}/system`;
  const socket = parameters.get("socket");
  return {
    name: socket === undefined ? name : `${name}?socket=${socket}`,
    driver: "qemu:///system",
    target,
    authFile: parameters.get("authfile"),
  };
}

function toTarget(
  transport: Exclude<Target["transport"], "ssh">,
  host: string,
  port: number | undefined,
  user: string,
  parameters: ReadonlyMap<string, string>,
  isReadOnly: boolean,
): Target {
  if (user !== "") wrong("a user in the URI has no meaning here: user names stand in the authfile");
  if (transport === "unix") {
    if (host !== "") wrong("a unix socket is on this machine: expected qemu:///system");
    return { transport, socket: parameters.get("socket") ?? (isReadOnly ? sockets.readOnly : sockets.full) };
  }
  if (host === "") wrong(`qemu+${transport} needs a host`);
  if (transport === "tcp") return { transport, host, port: port ?? tcpPort };
  const folder = parameters.get("pkipath");
  const files =
    folder === undefined
      ? defaultFiles
      : {
          authorities: `${folder}/cacert.pem`,
          certificate: `${folder}/clientcert.pem`,
          key: `${folder}/clientkey.pem`,
        };
  return { transport, host, port: port ?? tlsPort, files };
}

function toSshTarget(
  host: string,
  port: number | undefined,
  userPart: string,
  parameters: ReadonlyMap<string, string>,
  isReadOnly: boolean,
): SshTarget {
  if (host === "") wrong("qemu+ssh needs a host");
  if (userPart === "") wrong("qemu+ssh needs a user, as in qemu+ssh://healer@host-a/system");
  const user = /^([^:%]+)@$/.exec(userPart)?.[1];
  if (user === undefined) wrong("expected only a user's name before the @: a password has no place in a URI");
  const keyFile = parameters.get("keyfile");
  if (keyFile === undefined) wrong("qemu+ssh needs keyfile=, the path of a private key");
  const knownHosts = parameters.get("known_hosts");
  const takesUnknownHost = parameters.get("no_verify") === "1";
  if (knownHosts === undefined && !takesUnknownHost)
    wrong("qemu+ssh needs known_hosts=, the path of a file of host keys");
  const socket = parameters.get("socket");
  return {
    transport: "ssh",
    host,
    port: port ?? sshPort,
    user,
    keyFile,
    passphraseFile: parameters.get("passphrase_file"),
    knownHosts,
    takesUnknownHost,
    socket: socket ?? (isReadOnly ? sockets.readOnly : sockets.full),
    namesSocket: socket !== undefined,
    isReadOnly,
  };
}

function splitPlace(place: string): { host: string; port: number | undefined } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(place);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (match === null || port === 0 || (port ?? 0) > 65_535) wrong("expected a host, with or without a port");
  return { host: match[1] ?? match[2] ?? "", port };
}

function readQuery(query: string, transport: Target["transport"]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!known[transport].includes(name)) {
      const allowed = known[transport].join(", ") || "none";
      wrong(`parameter ${name} is not supported with transport ${transport}: expected ${allowed}`);
    }
    if (name === "no_verify") {
      if (value !== "0" && value !== "1") wrong(`parameter ${name}: expected 0 or 1`);
    } else if (!value.startsWith("/")) wrong(`parameter ${name}: expected an absolute path`);
    parameters.set(name, value);
  }
  return parameters;
}

function isTransport(text: string): text is Target["transport"] {
  return Object.hasOwn(known, text);
}

function wrong(message: string): never {
  throw new PluginParamError(message);
}
