import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { AuditEvent } from "./control-plane/audit.ts";

const manifest = join(import.meta.dirname, "../../manifests/aceso.yaml");

/** The user name that manifests/aceso.yaml gives rights to. */
export const serviceAccount = "system:serviceaccount:aceso:aceso";

/** One verb on one resource. `namespace` is `*` where a ClusterRole gives it. */
export interface Right {
  readonly namespace: string;
  readonly group: string;
  /** With its subresource, as `pods/eviction`. */
  readonly resource: string;
  readonly verb: string;
}

interface RoleDocument {
  readonly kind?: string;
  readonly metadata?: { readonly namespace?: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** Every right that the manifest gives, one entry a verb. */
export function grantedRights(): readonly Right[] {
  const documents = parseAllDocuments(readFileSync(manifest, "utf8")).map((one) => one.toJS() as RoleDocument);
  return documents
    .filter(({ kind }) => kind === "Role" || kind === "ClusterRole")
    .flatMap(({ kind, metadata, rules = [] }) => {
      const namespace = kind === "ClusterRole" ? "*" : (metadata?.namespace ?? "");
      return rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => ({ namespace, group, resource, verb }))),
        ),
      );
    });
}

/** What the program did, with the service account's token, and was let do. */
export function usedRights(events: readonly AuditEvent[]): readonly Right[] {
  return events.filter((event) => isOurs(event) && event.responseStatus?.code !== 403).flatMap(rightOf);
}

/** Requests of the program that were refused for want of a right, as one line each. */
export function refusals(events: readonly AuditEvent[]): readonly string[] {
  return events
    .filter((event) => isOurs(event) && event.responseStatus?.code === 403)
    .map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI}: ${responseStatus?.message ?? "403"}`);
}

/** Pure. Rights that nobody made use of. */
export function unusedRights(granted: readonly Right[], used: readonly Right[]): readonly Right[] {
  const keys = new Set(used.flatMap((right) => [keyOf(right), keyOf({ ...right, namespace: "*" })]));
  return granted.filter((right) => !keys.has(keyOf(right)));
}

/** Leaves a suite's uses for the runner, which judges them when all suites are over. Does nothing outside the runner. */
export function recordUses(events: readonly AuditEvent[]): void {
  const file = process.env.ACESO_RIGHTS_FILE;
  if (file === undefined) return;
  // in all test files the same few, whatever the number of requests
  const keys = new Set(usedRights(events).map((right) => JSON.stringify(right)));
  appendFileSync(file, [...keys].map((key) => `${key}\n`).join(""));
}

/** Tests use the same token without calling themselves so. */
function isOurs({ user, userAgent }: AuditEvent): boolean {
  return user.username === serviceAccount && userAgent?.startsWith("aceso") === true;
}

function rightOf({ verb, objectRef }: AuditEvent): readonly Right[] {
  if (objectRef?.resource === undefined) return [];
  const { namespace = "", apiGroup = "", resource, subresource } = objectRef;
  return [{ namespace, group: apiGroup, resource: subresource ? `${resource}/${subresource}` : resource, verb }];
}

function keyOf({ namespace, group, resource, verb }: Right): string {
  return [namespace, group, resource, verb].join(" ");
}
