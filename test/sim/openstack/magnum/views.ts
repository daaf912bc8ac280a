import type { Fields } from "../../kube/object.ts";
import { addressesOf, type Cluster, groupsOf, type NodeGroup, nodeCountOf } from "../containers/cluster.ts";
import { offsetText } from "../times.ts";
import type { MagnumCall } from "./context.ts";

/** A cluster in the list. */
export function clusterRow(call: MagnumCall, cluster: Cluster): Fields {
  return {
    uuid: cluster.uuid,
    name: cluster.name,
    cluster_template_id: cluster.templateId,
    keypair: null,
    node_count: nodeCountOf(cluster, "worker"),
    master_count: nodeCountOf(cluster, "master"),
    docker_volume_size: null,
    labels: cluster.labels,
    master_flavor_id: "m1.tiny",
    flavor_id: "m1.tiny",
    create_timeout: 15,
    links: linksOf(call, `clusters/${cluster.uuid}`),
    stack_id: cluster.stack.id,
    status: cluster.status,
    health_status: cluster.healthStatus,
    merge_labels: false,
  };
}

/** A cluster by itself. */
export function clusterView(call: MagnumCall, cluster: Cluster): Fields {
  const masters = groupsOf(cluster, "master").flatMap(addressesOf);
  const isFailed = cluster.status.endsWith("_FAILED");
  return {
    ...clusterRow(call, cluster),
    status_reason: cluster.statusReason,
    health_status_reason: cluster.healthReason,
    discovery_url: "OK",
    api_address: `https://${masters[0]}:6443`,
    coe_version: "v1.23.3",
    container_version: "1.12.6",
    project_id: cluster.projectId,
    user_id: cluster.userId,
    node_addresses: groupsOf(cluster, "worker").flatMap(addressesOf),
    master_addresses: masters,
    fixed_network: null,
    fixed_subnet: null,
    floating_ip_enabled: false,
    labels_overridden: {},
    labels_added: {},
    labels_skipped: {},
    master_lb_enabled: false,
    created_at: offsetText(cluster.createdAtWallMs),
    updated_at: offsetText(cluster.updatedAtWallMs),
    ...(isFailed ? { faults: cluster.faults } : {}),
  };
}

/** A node group in the list. */
export function groupRow(nodes: NodeGroup): Fields {
  return {
    uuid: nodes.uuid,
    name: nodes.name,
    flavor_id: "m1.tiny",
    image_id: "fcos",
    node_count: nodes.nodeCount,
    role: nodes.role,
    min_node_count: 0,
    max_node_count: null,
    is_default: nodes.isDefault,
    stack_id: nodes.stack.id,
    status: nodes.status,
    merge_labels: false,
  };
}

/** A node group by itself. */
export function groupView(call: MagnumCall, cluster: Cluster, nodes: NodeGroup): Fields {
  return {
    ...groupRow(nodes),
    id: cluster.groups.indexOf(nodes) + 1,
    cluster_id: cluster.uuid,
    project_id: cluster.projectId,
    docker_volume_size: null,
    labels: cluster.labels,
    links: linksOf(call, `clusters/${cluster.uuid}/nodegroups/${nodes.uuid}`),
    node_addresses: addressesOf(nodes),
    status_reason: nodes.reason,
    version: null,
    created_at: offsetText(nodes.createdAtWallMs),
    updated_at: offsetText(nodes.updatedAtWallMs),
  };
}

function linksOf({ request }: MagnumCall, path: string): Fields[] {
  return [
    { href: `${request.origin}/v1/${path}`, rel: "self" },
    { href: `${request.origin}/${path}`, rel: "bookmark" },
  ];
}
