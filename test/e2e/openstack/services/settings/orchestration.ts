import { file, host, type Layout, packaged, password, region, urlOf } from "../layout.ts";
import { databaseUrl, login, type Settings, shared } from "./ini.ts";

/**
 * Seconds for which Heat trusts a token that it has checked. Not 0: when a cluster is deleted, Magnum 15 drops its
 * trust after it has asked Heat about the first of two node groups, and asks about the second with the same token.
 */
export const heatTokenCacheSeconds = 3;

export function heat(layout: Layout): Settings {
  const common = shared(layout, "heat", heatTokenCacheSeconds);
  const unscoped = { auth_type: "password", auth_url: urlOf(layout, "keystone"), username: "heat", password };
  return {
    ...common,
    DEFAULT: {
      ...common.DEFAULT,
      num_engine_workers: 2,
      environment_dir: file(layout, "etc", "heat-environment"),
      plugin_dirs: "",
      stack_user_domain_name: "heat",
      stack_domain_admin: "heat_domain_admin",
      stack_domain_admin_password: password,
      auth_encryption_key: "thirty-two bytes, kept by nobody",
      heat_metadata_server_url: `http://${host}:${layout.ports.heat}`,
      region_name_for_services: region,
      max_resources_per_stack: -1,
      client_retry_limit: 2,
      // by default 5, with pauses: a stack with a server that cannot be built would take minutes to fail
      action_retry_limit: 1,
    },
    heat_api: { bind_host: host, bind_port: layout.ports.heat, workers: 1 },
    paste_deploy: { api_paste_config: packaged(layout, "etc/heat/api-paste.ini") },
    database: { connection: databaseUrl(layout, "heat") },
    trustee: { ...unscoped, user_domain_name: "Default" },
    clients: { endpoint_type: "internalURL" },
    clients_keystone: { auth_uri: `http://${host}:${layout.ports.keystone}`, endpoint_type: "internalURL" },
    cache: { enabled: false },
  };
}

/**
 * Magnum's templates wait for an agent inside each machine. None runs in these, so that one resource does nothing. Nor do
 * the load balancers without which Magnum makes no cluster of several masters.
 */
export const heatEnvironment = `resource_registry:
  "OS::Heat::SoftwareDeployment": "OS::Heat::None"
  "OS::Neutron::LBaaS::LoadBalancer": "OS::Heat::None"
  "OS::Neutron::LBaaS::Listener": "OS::Heat::None"
  "OS::Neutron::LBaaS::Pool": "OS::Heat::None"
  "OS::Neutron::LBaaS::HealthMonitor": "OS::Heat::None"
  "OS::Neutron::LBaaS::PoolMember": "OS::Heat::None"
`;

export function magnum(layout: Layout): Settings {
  const client = { region_name: region, endpoint_type: "internalURL" };
  const clients = ["cinder", "glance", "heat", "neutron", "nova", "magnum", "octavia", "barbican"];
  const common = shared(layout, "magnum");
  return {
    ...common,
    DEFAULT: { ...common.DEFAULT, host: "magnum" },
    api: {
      host,
      port: layout.ports.magnum,
      workers: 1,
      api_paste_config: packaged(layout, "usr/share/magnum-common/api-paste.ini"),
    },
    conductor: { workers: 1 },
    database: { connection: databaseUrl(layout, "magnum") },
    keystone_auth: login(layout, "magnum"),
    certificates: { cert_manager_type: "x509keypair" },
    trust: {
      cluster_user_trust: true,
      trustee_domain_name: "magnum",
      trustee_domain_admin_name: "magnum_domain_admin",
      trustee_domain_admin_password: password,
      trustee_keystone_interface: "public",
      trustee_keystone_region_name: region,
    },
    cluster: {
      // by default a service on the Internet; any address that answers 200 with a short text will do
      etcd_discovery_service_endpoint_format: `http://${host}:${layout.ports.magnum}/healthcheck?size=%(size)d`,
    },
    kubernetes: {
      keystone_auth_default_policy: packaged(layout, "usr/share/magnum-common/keystone_auth_default_policy.json"),
    },
    drivers: { send_cluster_metrics: false },
    ...Object.fromEntries(clients.map((name) => [`${name}_client`, client])),
  };
}
