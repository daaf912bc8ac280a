import { join } from "node:path";
import type { Binary } from "./build.ts";
import type { Layout } from "./layout.ts";

export interface Command {
  readonly binary: Binary;
  readonly args: readonly string[];
}

const host = "127.0.0.1";

/** Its data is thrown away, so it need not reach the disk. */
export function etcdCommand(layout: Layout): Command {
  const client = `http://${host}:${layout.ports.etcdClient}`;
  const peer = `http://${host}:${layout.ports.etcdPeer}`;
  return {
    binary: "etcd",
    args: [
      `--data-dir=${join(layout.dir, "etcd")}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ],
  };
}

/** `--endpoint-reconciler-type=none`: the Service `kubernetes` may not point at loopback addresses. */
export function apiServerCommand(layout: Layout, index: number, more: readonly string[]): Command {
  return {
    binary: "kube-apiserver",
    args: [
      `--etcd-servers=http://${host}:${layout.ports.etcdClient}`,
      `--bind-address=${host}`,
      `--secure-port=${layout.ports.api[index]}`,
      "--endpoint-reconciler-type=none",
      "--service-cluster-ip-range=10.96.0.0/16",
      `--tls-cert-file=${layout.file("apiserver.crt")}`,
      `--tls-private-key-file=${layout.file("apiserver.key")}`,
      `--client-ca-file=${layout.file("ca.crt")}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${layout.file("sa.pub")}`,
      `--service-account-signing-key-file=${layout.file("sa.key")}`,
      `--audit-policy-file=${layout.auditPolicy}`,
      `--audit-log-path=${layout.auditLogs[index]}`,
      ...more,
    ],
  };
}

export function controllerManagerCommand(
  layout: Layout,
  options: { readonly nodeGrace?: string; readonly nodeMonitor?: string },
): Command {
  const grace = options.nodeGrace ?? "8s";
  return {
    binary: "kube-controller-manager",
    args: [
      `--kubeconfig=${layout.file("controller-manager.kubeconfig")}`,
      "--leader-elect=false",
      `--bind-address=${host}`,
      `--secure-port=${layout.ports.controllerManager}`,
      `--tls-cert-file=${layout.file("apiserver.crt")}`,
      `--tls-private-key-file=${layout.file("apiserver.key")}`,
      "--use-service-account-credentials",
      // by default it takes 5 s to ask for the tokens of its forty controllers
      "--kube-api-qps=300",
      "--kube-api-burst=600",
      `--service-account-private-key-file=${layout.file("sa.key")}`,
      `--root-ca-file=${layout.file("ca.crt")}`,
      `--node-monitor-period=${options.nodeMonitor ?? "1s"}`,
      `--node-monitor-grace-period=${grace}`,
      `--node-startup-grace-period=${grace}`,
    ],
  };
}

export function schedulerCommand(layout: Layout): Command {
  return {
    binary: "kube-scheduler",
    args: [
      `--kubeconfig=${layout.file("scheduler.kubeconfig")}`,
      "--leader-elect=false",
      `--bind-address=${host}`,
      `--secure-port=${layout.ports.scheduler}`,
      `--tls-cert-file=${layout.file("apiserver.crt")}`,
      `--tls-private-key-file=${layout.file("apiserver.key")}`,
    ],
  };
}
