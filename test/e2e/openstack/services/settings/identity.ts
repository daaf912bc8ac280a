import { file, host, type Layout, packaged } from "../layout.ts";
import { databaseUrl, type Settings, shared } from "./ini.ts";

export function keystone(layout: Layout): Settings {
  return {
    DEFAULT: { use_stderr: true, max_token_size: 1024 },
    database: { connection: databaseUrl(layout, "keystone") },
    // every call to every service has Keystone check a token: five times dearer without. In the memory of its one process,
    // so that a revoked token fails at once
    cache: { enabled: true, backend: "oslo_cache.dict" },
    // services log in all the time, and nobody attacks these passwords
    identity: { password_hash_rounds: 4 },
    // a deleted application credential is noticed only when the check of its token is made anew
    token: { provider: "fernet", expiration: 3_600, cache_time: 5 },
    fernet_tokens: { key_repository: file(layout, "keys", "tokens") },
    fernet_receipts: { key_repository: file(layout, "keys", "tokens") },
    credential: { key_repository: file(layout, "keys", "credentials") },
  };
}

export function placement(layout: Layout): Settings {
  return { ...shared(layout, "placement"), placement_database: { connection: databaseUrl(layout, "placement") } };
}

export function glance(layout: Layout): Settings {
  const common = shared(layout, "glance");
  return {
    ...common,
    DEFAULT: {
      ...common.DEFAULT,
      bind_host: host,
      bind_port: layout.ports.glance,
      workers: 1,
      enabled_backends: "",
      show_multiple_locations: false,
    },
    database: { connection: databaseUrl(layout, "glance") },
    paste_deploy: {
      flavor: "keystone",
      config_file: packaged(layout, "usr/share/glance-common/glance-api-paste.ini"),
    },
    glance_store: { stores: "file,http", default_store: "file", filesystem_store_datadir: file(layout, "images") },
  };
}
