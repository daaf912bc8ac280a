import { readFile } from "node:fs/promises";
import { messageOf } from "../../../../src/plugin-api/index.ts";
import { ConnectionError } from "./errors.ts";
import type { Credentials } from "./scram.ts";

/**
 * User name and password for a host from libvirt's own file (https://libvirt.org/auth.html#client-configuration):
 * section `auth-libvirt-HOST` or `auth-libvirt-default` names a section `credentials-NAME` with authname and password.
 *
 * @throws ConnectionError naming the file and what it lacks, never what it holds
 */
export async function readCredentials(file: string, host: string, signal: AbortSignal): Promise<Credentials> {
  const text = await readFile(file, { encoding: "utf8", signal }).catch((error: unknown) => {
    throw lacking(file, messageOf(error));
  });
  const sections = readSections(text);
  const auth = sections.get(`auth-libvirt-${host}`) ?? sections.get("auth-libvirt-default");
  const name = auth?.get("credentials");
  if (name === undefined) throw lacking(file, `no [auth-libvirt-${host}] or [auth-libvirt-default] with credentials=`);
  const username = sections.get(`credentials-${name}`)?.get("authname");
  const password = sections.get(`credentials-${name}`)?.get("password");
  if (username !== undefined && password !== undefined) return { username, password };
  throw lacking(file, "no [credentials-…] with authname= and password= under the name that its auth section gives");
}

function readSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of text.split(/\r?\n/).map((it) => it.trim())) {
    const title = /^\[(.+)\]$/.exec(line)?.[1];
    const entry = /^([^#;=]+?)\s*=\s*(.*)$/.exec(line);
    if (title !== undefined) {
      current = new Map();
      sections.set(title, current);
    } else if (entry !== null) current.set(entry[1] ?? "", entry[2] ?? "");
  }
  return sections;
}

function lacking(file: string, problem: string): ConnectionError {
  return new ConnectionError(`reading the credentials in ${file}: ${problem}`, { isConfiguration: true });
}
