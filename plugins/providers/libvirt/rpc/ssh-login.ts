import { readFile } from "node:fs/promises";
import ssh2, { type ParsedKey } from "ssh2";
import { messageOf } from "../../../../src/plugin-api/index.ts";
import { ConnectionError } from "./errors.ts";
import type { SshTarget } from "./uri.ts";

/**
 * The private key that a URI names, taken out of its passphrase. Files are read at every connection, so that a key may
 * be replaced; their modes are not looked at, since a mounted Secret has what Kubernetes gives it.
 *
 * @throws ConnectionError naming the file, never what it holds
 */
export async function readKey({ keyFile, passphraseFile }: SshTarget, signal: AbortSignal): Promise<ParsedKey> {
  const key = await read("private key", keyFile, signal);
  const passphrase = passphraseFile && (await read("passphrase", passphraseFile, signal)).toString().trimEnd();
  const parsed = ssh2.utils.parseKey(key, passphrase);
  // The package gives a list where a file holds several keys, which its types do not say.
  const [first]: readonly (ParsedKey | Error | undefined)[] = Array.isArray(parsed) ? parsed : [parsed];
  if (first === undefined || first instanceof Error) throw unusable(keyFile, first, passphrase !== undefined);
  if (!first.isPrivateKey()) throw refusal(`${keyFile} holds a public key; the private one is needed`);
  return first;
}

async function read(what: string, file: string, signal: AbortSignal): Promise<Buffer> {
  return await readFile(file, { signal }).catch((error: unknown) => {
    throw refusal(`reading the ${what}: ${messageOf(error)}`, error);
  });
}

function unusable(file: string, error: Error | undefined, hasPassphrase: boolean): ConnectionError {
  const problem = error?.message ?? "it is empty";
  if (hasPassphrase && /passphrase|decrypt/i.test(problem)) {
    return refusal(`${file}: the passphrase in passphrase_file does not open it`, error);
  }
  if (/no passphrase/i.test(problem)) {
    return refusal(`${file} is locked with a passphrase: name the file that holds it with passphrase_file=`, error);
  }
  return refusal(`${file}: ${problem}; expected a private key as ssh-keygen -t ed25519 makes it`, error);
}

function refusal(message: string, cause?: unknown): ConnectionError {
  return new ConnectionError(message, { cause, isConfiguration: true });
}
