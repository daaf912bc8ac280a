import { host, type Layout, password, region, urlOf } from "../layout.ts";

type Value = string | number | boolean;
/** A configuration file of oslo.config: values by key by section. */
export type Settings = Readonly<Record<string, Readonly<Record<string, Value>>>>;

export function toIni(settings: Settings): string {
  return Object.entries(settings)
    .map(([section, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
      return `[${section}]\n${lines.join("")}`;
    })
    .join("\n");
}

export function databaseUrl(layout: Layout, name: string): string {
  return `mysql+pymysql://services:${password}@${host}:${layout.ports.database}/${name}?charset=utf8`;
}

export function messagesUrl(layout: Layout): string {
  return `rabbit://guest:guest@${host}:${layout.ports.messages}/`;
}

/** How a service logs in at Keystone for itself. */
export function login(layout: Layout, user: string): Record<string, Value> {
  return {
    auth_type: "password",
    auth_url: urlOf(layout, "keystone"),
    username: user,
    password,
    project_name: "service",
    user_domain_name: "Default",
    project_domain_name: "Default",
    region_name: region,
  };
}

/**
 * What all services but Keystone share.
 *
 * @param tokenCacheSeconds how long a checked token is trusted; without it a revoked token fails at once
 */
export function shared(layout: Layout, user: string, tokenCacheSeconds = -1) {
  return {
    DEFAULT: { transport_url: messagesUrl(layout), use_stderr: true },
    oslo_concurrency: { lock_path: `${layout.dir}/lock/${user}` },
    oslo_messaging_notifications: { driver: "noop" },
    keystone_authtoken: {
      ...login(layout, user),
      www_authenticate_uri: urlOf(layout, "keystone"),
      interface: "internal",
      token_cache_time: tokenCacheSeconds,
      service_token_roles_required: false,
    },
  };
}

/** Quotas without limit, by name. */
export function unlimited(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, -1]));
}
