import type { HealthCheckPlugin, ProviderPlugin } from "../src/plugin-api/index.ts";

/** Loads the module of one plugin; its default export is the plugin. */
type Load<T> = () => Promise<{ readonly default: T }>;

/** Every built-in health check, by its `type` in the configuration. */
export const checks: Readonly<Record<string, Load<HealthCheckPlugin>>> = {
  Command: () => import("./checks/command/index.ts"),
  Endpoint: () => import("./checks/endpoint/index.ts"),
  NodeCondition: () => import("./checks/node-condition/index.ts"),
  NodeLease: () => import("./checks/node-lease/index.ts"),
  ProviderState: () => import("./checks/provider-state/index.ts"),
};

/** Every built-in provider, by the name of its section in the configuration. */
export const providers: Readonly<Record<string, Load<ProviderPlugin>>> = {
  exec: () => import("./providers/exec/index.ts"),
  libvirt: () => import("./providers/libvirt/index.ts"),
  openstack: () => import("./providers/openstack/index.ts"),
};
