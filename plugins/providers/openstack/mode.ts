/** Who owns the machines. `magnum`: Nova, Heat and Magnum; `heat`: Nova and Heat; `nova`: Nova alone. */
export type Mode = "magnum" | "heat" | "nova";

export interface ModeChoice {
  readonly mode: Mode;
  /** What the configuration asks for and the cloud does not have. */
  readonly warnings: readonly string[];
}

/**
 * Which services take part. Pure.
 *
 * @param wished names in the configuration
 * @param services types in the catalog; undefined: it has not been read, so the configuration is believed
 */
export function chooseMode(
  wished: { readonly clusterName: string | undefined; readonly stack: string | undefined },
  services: ReadonlySet<string> | undefined,
): ModeChoice {
  const lacks = (...types: readonly string[]) => types.filter((type) => services !== undefined && !services.has(type));
  const warnings: string[] = [];
  if (wished.clusterName !== undefined) {
    const missing = lacks("container-infra", "orchestration");
    if (missing.length === 0) return { mode: "magnum", warnings };
    warnings.push(warningOn(`cluster-name is ${wished.clusterName}`, missing, "Magnum's labels, status and resize"));
  }
  if (wished.stack !== undefined) {
    const missing = lacks("orchestration");
    if (missing.length === 0) return { mode: "heat", warnings };
    warnings.push(warningOn(`openstack.stack is ${wished.stack}`, missing, "the stack's status and servers"));
  }
  return { mode: "nova", warnings };
}

function warningOn(wish: string, missing: readonly string[], unused: string): string {
  return `${wish}, but the catalog has no ${missing.join(" and no ")}: ${unused} are not used`;
}
