import { join } from "node:path";
import { type ComputeHost, file, host, type Layout } from "./layout.ts";

/** One process of the cloud (it may have children in its group). */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const ownCode = join(import.meta.dirname, "python");

/** Nothing of the caller's environment but this: proxies and Python settings would change what the services do. */
export function environmentOf(layout: Layout): Record<string, string> {
  return {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    LC_ALL: "C.UTF-8",
    HOME: file(layout, "messages"),
    ACESO_CLOUD: layout.dir,
    PYTHONPATH: `${ownCode}:${file(layout, "python")}`,
    PYTHONDONTWRITEBYTECODE: "1",
    OS_KEYSTONE_CONFIG_FILES: file(layout, "etc", "keystone.conf"),
    OS_PLACEMENT_CONFIG_DIR: file(layout, "etc", "placement"),
    // many small processes on few cores: one arena each keeps them small
    MALLOC_ARENA_MAX: "2",
  };
}

export function database(layout: Layout): Program {
  const args = [
    "--no-defaults",
    "--user=root",
    `--datadir=${file(layout, "database")}`,
    `--socket=${file(layout, "database.sock")}`,
    `--bind-address=${host}`,
    `--port=${layout.ports.database}`,
    "--max-connections=600",
    "--innodb-buffer-pool-size=192M",
    "--innodb-log-file-size=32M",
    // its data is thrown away, so it need not reach the disk
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--skip-name-resolve",
  ];
  return { name: "database", command: "mariadbd", args };
}

export function erlangNames(layout: Layout): Program {
  return { name: "erlang-names", command: "epmd", args: ["-address", host, "-port", String(layout.ports.erlangNames)] };
}

export function messages(layout: Layout): Program {
  const folder = file(layout, "messages");
  return {
    name: "messages",
    command: "/usr/lib/rabbitmq/bin/rabbitmq-server",
    args: [],
    env: {
      ERL_EPMD_ADDRESS: host,
      ERL_EPMD_PORT: String(layout.ports.erlangNames),
      RABBITMQ_NODENAME: "aceso@localhost",
      RABBITMQ_NODE_IP_ADDRESS: host,
      RABBITMQ_NODE_PORT: String(layout.ports.messages),
      RABBITMQ_DIST_PORT: String(layout.ports.messagesPeers),
      RABBITMQ_MNESIA_BASE: folder,
      RABBITMQ_LOG_BASE: file(layout, "log"),
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      RABBITMQ_CONFIG_FILE: join(folder, "no-settings"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "no-plugins"),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
    },
  };
}

export const keystone = (layout: Layout) =>
  underUwsgi("keystone", layout.ports.keystone, "/usr/bin/keystone-wsgi-public");

const placement = (layout: Layout) => underUwsgi("placement", layout.ports.placement, "/usr/bin/placement-api");

/** What needs Keystone, the database and the messages; in the order in which they are waited for. */
export function services(layout: Layout): readonly Program[] {
  return [
    placement(layout),
    program(layout, "neutron", "neutron.cmd.eventlet.server:main", "neutron"),
    program(layout, "nova-conductor", "nova.cmd.conductor:main", "nova"),
    program(layout, "nova-api", "nova.cmd.api_os_compute:main", "nova"),
    program(layout, "nova-scheduler", "nova.cmd.scheduler:main", "nova"),
    novaCompute(layout, "compute-1"),
    program(layout, "glance", "glance.cmd.api:main", "glance"),
    program(layout, "heat-engine", "heat.cmd.engine:main", "heat"),
    program(layout, "heat-api", "heat.cmd.api:main", "heat"),
    program(layout, "magnum-api", "magnum.cmd.api:main", "magnum"),
    program(layout, "magnum-conductor", "magnum.cmd.conductor:main", "magnum"),
  ];
}

export function novaCompute(layout: Layout, name: ComputeHost): Program {
  const more = [`--config-file=${file(layout, "etc", `nova-${name}.conf`)}`];
  return program(layout, `nova-${name}`, "nova.cmd.compute:main", "nova", more);
}

export function volumes(layout: Layout): readonly Program[] {
  return [
    program(layout, "cinder-api", "cinder.cmd.api:main", "cinder"),
    program(layout, "cinder-scheduler", "cinder.cmd.scheduler:main", "cinder"),
    program(layout, "cinder-volume", "cinder.cmd.volume:main", "cinder"),
  ];
}

/** A console entry point of Debian's packages, with the settings of one service. */
export function program(
  layout: Layout,
  name: string,
  entry: string,
  settings: string,
  more: readonly string[] = [],
): Program {
  const args = [join(ownCode, "launch.py"), name, entry, `--config-file=${file(layout, "etc", `${settings}.conf`)}`];
  return { name, command: "/usr/bin/python3", args: [...args, ...more] };
}

function underUwsgi(name: string, port: number, script: string): Program {
  const args = ["--plugin", "python3", "--http-socket", `${host}:${port}`, "--master", "--lazy-apps"];
  const size = ["--processes", "1", "--threads", "8", "--enable-threads", "--buffer-size", "65535"];
  // without the header clients go on using connections that uwsgi has closed
  const manners = ["--die-on-term", "--need-app", "--disable-logging", "--add-header", "Connection: close"];
  return { name, command: "uwsgi", args: [...args, ...size, ...manners, "--wsgi-file", script] };
}
