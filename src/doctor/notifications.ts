import { about, type Diagnosis } from "./diagnosis.ts";
import type { DoctorFacts, ReceiverPart } from "./facts.ts";
import { fromHere } from "./from-here.ts";
import { seenValue } from "./seen.ts";

const { ok, warning, error } = about("notifications");

/** Whether notifications could be signed and would reach their receiver. */
export function diagnoseNotifications({ receiver, config, namespace }: DoctorFacts): readonly Diagnosis[] {
  if (seenValue(config.read) === undefined) return [];
  if (receiver === undefined) return [ok("none are sent: notifications.url is not set")];
  const { origin, problems } = receiver;
  if (problems.length === 0)
    return [ok(`${origin} takes a connection, and what signs them can be read; none was sent`)];
  // Repairs go on without, and the pods of a ConfigMap have other files than this machine.
  const trouble = config.isFile ? error : warning;
  return problems.map(({ part, problem }) => {
    const [message, remedy] = said(part, origin, problem);
    return trouble(...fromHere(config, namespace, message, remedy));
  });
}

function said(part: ReceiverPart, origin: string, problem: string): readonly [message: string, remedy: string] {
  switch (part) {
    case "secret-file":
      return [
        `notifications.secret-file: ${problem}: nothing can be signed, so nothing is sent`,
        "put the secret there, as a key of the Secret that is mounted at that place; no restart is needed",
      ];
    case "ca-file":
      return [
        `notifications.ca-file: ${problem}: no certificate of the receiver is believed`,
        "put the certificates (PEM) of the authorities that signed the receiver's there, or take the key away",
      ];
    case "connection":
      return [`${origin} takes no connection: ${problem}`, adviceOn(problem)];
  }
}

function adviceOn(problem: string): string {
  if (/certificate|CERT|altname|self.signed/i.test(problem)) {
    return "name it as its certificate does, and its authority in notifications.ca-file";
  }
  if (/ENOTFOUND|EAI_AGAIN|getaddrinfo/.test(problem)) {
    return "correct the name in notifications.url, or see why it cannot be resolved";
  }
  if (/ECONNREFUSED/.test(problem)) return "start the receiver, or correct address and port in notifications.url";
  if (/EPROTO|wrong version|packet length|before secure TLS/i.test(problem)) {
    return "see whether TLS is spoken at that port; where it is not, correct the port, or write http:// if that is meant";
  }
  return "see whether the receiver is up, and what is on the way to it, as a firewall";
}
