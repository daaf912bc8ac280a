import { file, host, type Layout, packaged, region, urlOf } from "../layout.ts";
import { databaseUrl, login, type Settings, shared, unlimited } from "./ini.ts";

export function nova(layout: Layout): Settings {
  const common = shared(layout, "nova");
  return {
    ...common,
    DEFAULT: {
      ...common.DEFAULT,
      my_ip: host,
      host: "control",
      state_path: file(layout, "nova"),
      compute_driver: "aceso.Hypervisor",
      enabled_apis: "osapi_compute",
      osapi_compute_listen: host,
      osapi_compute_listen_port: layout.ports.nova,
      osapi_compute_workers: 1,
      default_schedule_zone: "steady",
      // nothing changes unless a test asks: power states are not reconciled in the background
      sync_power_state_interval: -1,
      heal_instance_info_cache_interval: -1,
      vif_plugging_is_fatal: false,
      vif_plugging_timeout: 0,
    },
    api_database: { connection: databaseUrl(layout, "nova_api") },
    database: { connection: databaseUrl(layout, "nova") },
    wsgi: { api_paste_config: packaged(layout, "usr/share/nova-common/api-paste.ini") },
    placement: { ...login(layout, "placement"), valid_interfaces: "internal" },
    neutron: { ...login(layout, "neutron"), valid_interfaces: "internal" },
    glance: { endpoint_override: urlOf(layout, "glance") },
    cinder: { catalog_info: "volumev3::internalURL", os_region_name: region },
    // Cinder lets nobody but a service delete the attachment of a server's volume
    service_user: { ...login(layout, "nova"), send_service_user_token: true },
    conductor: { workers: 1 },
    scheduler: { workers: 1 },
    quota: unlimited(["instances", "cores", "ram", "key_pairs", "server_groups", "server_group_members"]),
  };
}

/** Read after nova's own settings by the nova-compute of one host. */
export function computeHost(name: string): Settings {
  return { DEFAULT: { host: name } };
}

export function cinder(layout: Layout): Settings {
  const common = shared(layout, "cinder");
  return {
    ...common,
    DEFAULT: {
      ...common.DEFAULT,
      my_ip: host,
      host: "volumes",
      state_path: file(layout, "cinder"),
      osapi_volume_listen: host,
      osapi_volume_listen_port: layout.ports.cinder,
      osapi_volume_workers: 1,
      api_paste_config: packaged(layout, "usr/share/cinder-common/api-paste.ini"),
      resource_query_filters_file: packaged(layout, "etc/cinder/resource_filters.json"),
      glance_api_servers: urlOf(layout, "glance"),
      enabled_backends: "aceso",
      ...{ quota_volumes: -1, quota_gigabytes: -1 },
    },
    aceso: { volume_driver: "aceso_cloud.volumes.Volumes", volume_backend_name: "aceso" },
    database: { connection: databaseUrl(layout, "cinder") },
    nova: { ...login(layout, "nova"), interface: "internal" },
  };
}
