import { createHash, createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf } from "../../../../src/plugin-api/index.ts";
import { ConnectionError } from "./errors.ts";

const defaultPort = 22;

export interface HostKey {
  /** As `ssh-ed25519`. */
  readonly type: string;
  /** As it goes over the wire. */
  readonly blob: Buffer;
}

/** What OpenSSH's file of known hosts says about one host. */
export interface KnownHost {
  readonly file: string;
  /** The name that was looked for: `host-a`, or `[host-a]:2222` where the port is not 22. */
  readonly name: string;
  readonly keys: readonly HostKey[];
  /** Keys that must never be accepted again (`@revoked`). */
  readonly revoked: readonly HostKey[];
  /** Somebody vouches for its certificates (`@cert-authority`), which says nothing about its keys. */
  readonly hasAuthority: boolean;
}

/** @throws ConnectionError saying what is wrong with the file; lines about other hosts are not looked at */
export async function readKnownHost(
  file: string,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<KnownHost> {
  const text = await readFile(file, { encoding: "utf8", signal }).catch((error: unknown) => {
    throw new ConnectionError(`reading the known hosts: ${messageOf(error)}`, { cause: error, isConfiguration: true });
  });
  return findHost(text, file, host, port);
}

/** @throws ConnectionError naming the line of this host that makes no sense */
export function findHost(text: string, file: string, host: string, port: number): KnownHost {
  const lower = host.toLowerCase();
  const name = port === defaultPort ? lower : `[${lower}]:${port}`;
  const keys: HostKey[] = [];
  const revoked: HostKey[] = [];
  let hasAuthority = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === "" || line.trim().startsWith("#")) continue;
    const marker = words[0]?.startsWith("@") === true ? words.shift() : undefined;
    const [hosts = "", type = "", key = ""] = words;
    if (!isAbout(hosts, name)) continue;
    const entry: HostKey = { type, blob: Buffer.from(key, "base64") };
    const isSound = typeOfKey(entry.blob) === type;
    const wrong = (problem: string) =>
      new ConnectionError(`reading ${file}: line ${index + 1}: ${problem}`, { isConfiguration: true });
    if (marker === "@cert-authority") hasAuthority = true;
    else if (marker !== undefined && marker !== "@revoked") throw wrong(`marker ${marker} is not known`);
    else if (!isSound) throw wrong(`no key of type ${type}; ssh-keyscan prints such lines`);
    else (marker === "@revoked" ? revoked : keys).push(entry);
  }
  return { file, name, keys, revoked, hasAuthority };
}

/**
 * Why a host is not the one we want to talk to.
 *
 * @param known undefined: there is no file
 * @param takesUnknown a key is accepted from a host that has none in the file
 * @returns undefined when it is
 */
export function objectionTo(blob: Buffer, known: KnownHost | undefined, takesUnknown: boolean): string | undefined {
  const shown = fingerprint(blob);
  if (known === undefined) return takesUnknown ? undefined : `its host key ${shown} is not known`;
  const { file, name, keys, revoked, hasAuthority } = known;
  const isIn = (list: readonly HostKey[]) => list.some((key) => key.blob.equals(blob));
  if (isIn(revoked)) return `its host key ${shown} is revoked in ${file}: give the machine a new one`;
  if (isIn(keys)) return undefined;
  if (keys.length > 0) {
    const wanted = keys.map((key) => fingerprint(key.blob)).join(", ");
    const problem = `its host key has changed: it shows ${shown}, and ${file} has ${wanted} for ${name}`;
    return `${problem}; somebody may stand in between. If the machine was set up anew, put its new key into the file`;
  }
  if (takesUnknown) return undefined;
  if (hasAuthority) {
    return `its host key ${shown} is not in ${file}, which has only a @cert-authority for ${name}; certificates of hosts are not supported: add its key`;
  }
  const advice = "compare it with ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub on the machine, and add it (ssh-keyscan)";
  return `its host key ${shown} is unknown: ${file} has none for ${name}; ${advice}`;
}

/** As `ssh-ed25519 SHA256:…`, which is what ssh-keygen -l prints. */
export function fingerprint(blob: Buffer): string {
  const hash = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return `${typeOfKey(blob) ?? "of an unreadable type"} SHA256:${hash}`;
}

/** The first field of a line: a hashed name, or patterns of which one matches and none with `!` does. */
function isAbout(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return isHashOf(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  if (patterns.some((it) => it.startsWith("!") && fits(it.slice(1), name))) return false;
  return patterns.some((it) => !it.startsWith("!") && fits(it, name));
}

function isHashOf(hosts: string, name: string): boolean {
  const [, version, salt = "", hash] = hosts.split("|");
  if (version !== "1") return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

/** `*` is any text, `?` any character. */
function fits(pattern: string, name: string): boolean {
  const source = pattern.replace(/\*+|\?|[.+^${}()|[\]\\]/g, (part) => {
    if (part.startsWith("*")) return ".*";
    return part === "?" ? "." : `\\${part}`;
  });
  return new RegExp(`^${source}$`).test(name);
}

function typeOfKey(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const end = 4 + blob.readUInt32BE(0);
  return end < blob.length ? blob.toString("latin1", 4, end) : undefined;
}
