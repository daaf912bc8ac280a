import { readFile } from "node:fs/promises";

/** One request, recorded when it was answered. Times are the API server's, as RFC 3339 with microseconds. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string; readonly message?: string };
  /** Only for changes of Nodes by the audited users. */
  readonly requestObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Every request once, without bodies; changes of Nodes by `users` with the body; nothing of the hollow kubelets. */
export function auditPolicy(users: readonly string[]): string {
  const nodes = [{ group: "", resources: ["nodes", "nodes/status"] }];
  const rules = [
    { level: "None", users: ["hollow"] },
    ...(users.length === 0 ? [] : [{ level: "Request", users, verbs: ["patch", "update"], resources: nodes }]),
    { level: "Metadata" },
  ];
  const policy = { apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules };
  return JSON.stringify(policy, undefined, 2);
}

export async function readAuditLog(files: readonly string[]): Promise<readonly AuditEvent[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  // a last line without its end is still being written
  const lines = texts.flatMap((text) => text.split("\n").slice(0, -1));
  return lines.map((line) => JSON.parse(line));
}
