import { file, host, type Layout, packaged } from "../layout.ts";
import { databaseUrl, type Settings, shared, unlimited } from "./ini.ts";

const counted = ["network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule"];

export function neutron(layout: Layout): Settings {
  const common = shared(layout, "neutron");
  return {
    ...common,
    DEFAULT: {
      ...common.DEFAULT,
      bind_host: host,
      bind_port: layout.ports.neutron,
      core_plugin: "ml2",
      service_plugins: "router",
      state_path: file(layout, "neutron"),
      api_paste_config: packaged(layout, "usr/share/neutron-common/api-paste.ini"),
      api_workers: 1,
      rpc_workers: 0,
      rpc_state_report_workers: 0,
      notify_nova_on_port_status_changes: false,
      notify_nova_on_port_data_changes: false,
      dhcp_agent_notification: false,
    },
    database: { connection: databaseUrl(layout, "neutron") },
    ml2: {
      type_drivers: "local",
      tenant_network_types: "local",
      mechanism_drivers: "aceso",
      extension_drivers: "port_security",
      external_network_type: "local",
    },
    quotas: unlimited(["default_quota", ...counted.map((name) => `quota_${name}`)]),
  };
}
