import { randomBytes } from "node:crypto";
import { readCredentials } from "./auth-file.ts";
import type { CallOptions, Connection } from "./connection.ts";
import { ConnectionError } from "./errors.ts";
import { procedures } from "./procedures.ts";
import { isExpected, scramSha256 } from "./scram.ts";
import type { ConnectionUri } from "./uri.ts";

/** remote_auth_type */
const authTypes = { none: 0, sasl: 1, polkit: 2 } as const;
const mechanism = "SCRAM-SHA-256";
const nonceBytes = 18;

/** Does what the daemon asks for before it opens anything. @throws ConnectionError or LibvirtError saying what to do */
export async function authenticate(connection: Connection, uri: ConnectionUri, options: CallOptions): Promise<void> {
  const [type = authTypes.none] = await connection.call(procedures.authList, [], options);
  if (type === authTypes.none) return;
  if (type === authTypes.polkit) await connection.call(procedures.polkit, [], options);
  else if (type === authTypes.sasl) await authenticateWithSasl(connection, uri, options);
  else throw refusal(uri, `the daemon wants authentication of type ${type}, which is not supported`);
}

async function authenticateWithSasl(connection: Connection, uri: ConnectionUri, options: CallOptions): Promise<void> {
  const { target, authFile } = uri;
  // Libvirt itself refuses mechanisms without encryption of their own where there is no TLS.
  if (target.transport !== "tls") throw refusal(uri, "the daemon wants SASL, which is supported over qemu+tls only");
  if (authFile === undefined) throw refusal(uri, "the daemon wants a password: add ?authfile= to the URI");
  const credentials = await readCredentials(authFile, target.host, options.signal);
  const offered = await connection.call(procedures.saslInit, [], options);
  if (!offered.split(",").includes(mechanism)) {
    throw refusal(uri, `the daemon offers SASL ${offered}; put ${mechanism} into its mech_list`);
  }
  const exchange = scramSha256(credentials, randomBytes(nonceBytes).toString("base64"));
  const first = Buffer.from(exchange.first);
  const started = await connection.call(procedures.saslStart, [mechanism, first], options);
  const { final, expected } = await exchange.answer(toText(started.data));
  let step = await connection.call(procedures.saslStep, [Buffer.from(final)], options);
  if (!isExpected(toText(step.data), expected)) {
    throw refusal(uri, "the daemon does not know the password itself: this is not the daemon we were to talk to");
  }
  if (!step.isComplete) step = await connection.call(procedures.saslStep, [Buffer.alloc(0)], options);
  if (!step.isComplete) throw refusal(uri, `${mechanism} was not over where it should be`);
}

/** Libvirt's own programs send a trailing zero byte. */
function toText(data: Buffer): string {
  return data.toString().replace(/\0$/, "");
}

function refusal({ name }: ConnectionUri, problem: string): ConnectionError {
  return new ConnectionError(`authenticating to ${name}: ${problem}`, { isConfiguration: true });
}
