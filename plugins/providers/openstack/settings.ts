import type { ParamValues } from "../../../src/plugin-api/index.ts";

/** What the section says beside the login. */
export interface OpenStackSettings {
  readonly clusterName: string | undefined;
  /** Name or id of the Heat stack that the machines belong to. */
  readonly stack: string | undefined;
  readonly region: string | undefined;
  /** Metadata that a server must have to be touched; empty: not asked for. */
  readonly machines: Readonly<Record<string, string>>;
  readonly matchesByName: boolean;
  /** The operator asserts that a compute host that is down is fenced. */
  readonly isHostFencingAsserted: boolean;
}

/** The loader validated the values against the schema. */
export function toSettings(params: ParamValues, clusterName: string | undefined): OpenStackSettings {
  return {
    clusterName: clusterName === "" ? undefined : clusterName,
    stack: textOf(params.stack),
    region: textOf(params.region),
    machines: (params.machines ?? {}) as Readonly<Record<string, string>>,
    matchesByName: params["match-by-name"] === true,
    isHostFencingAsserted: params["host-fencing"] === "asserted",
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
