const hyphens = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;
/** What firmware says when nobody set a UUID. */
const placeholders = new Set(["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]);

/** A server's id in the one form that Nova's API takes: small letters, with dashes. Undefined: not a UUID. */
export function toServerId(text: string): string | undefined {
  const parts = hyphens.exec(text.trim().toLowerCase());
  if (parts === null) return undefined;
  const id = parts.slice(1).join("-");
  return placeholders.has(id) ? undefined : id;
}

/** What a Node's `spec.providerID` says. */
export type ProviderId =
  | { readonly kind: "none" }
  /** Another kind of cloud, or no id in it. */
  | { readonly kind: "foreign" }
  | { readonly kind: "server"; readonly id: string; readonly region: string | undefined };

/** Reads `openstack:///UUID` and `openstack://REGION/UUID`, as the OpenStack cloud provider writes them. */
export function readProviderId(text: string): ProviderId {
  if (text === "") return { kind: "none" };
  const parts = /^openstack:\/\/([^/]*)\/(?:.*\/)?([^/]+)$/i.exec(text);
  const id = toServerId(parts?.[2] ?? "");
  if (parts === null || id === undefined) return { kind: "foreign" };
  return { kind: "server", id, region: parts[1] === "" ? undefined : parts[1] };
}
