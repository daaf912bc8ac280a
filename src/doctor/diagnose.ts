import { diagnoseAdmissionPolicies } from "./admission-policies.ts";
import { diagnoseApiServers } from "./api-servers.ts";
import { diagnoseCertificate } from "./certificate.ts";
import { diagnoseClocks } from "./clocks.ts";
import { diagnoseConfiguration } from "./configuration.ts";
import { diagnoseCustomResources } from "./custom-resources.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { ClusterFacts, DoctorFacts } from "./facts.ts";
import { diagnoseGuards } from "./guards.ts";
import { diagnoseInstallation, isInstalled } from "./installation.ts";
import { diagnoseLeader } from "./leader.ts";
import { diagnoseMachines } from "./machines.ts";
import { diagnoseNotifications } from "./notifications.ts";
import { diagnoseObservers } from "./observers.ts";
import { diagnoseOtherHealers } from "./other-healers.ts";
import { diagnoseProvider } from "./provider.ts";
import { diagnoseRights } from "./rights.ts";
import { seenValue } from "./seen.ts";
import { diagnoseVersion } from "./server-version.ts";
import { diagnoseMarks } from "./stray-marks.ts";

/** Every diagnosis, in the order of `topics`. Before Aceso is installed only what matters then is judged. Pure. */
export function diagnose(facts: DoctorFacts): readonly Diagnosis[] {
  const { cluster, config, provider, servers } = facts;
  const policy = seenValue(config.read)?.policy;
  if (cluster === undefined) {
    return [
      ...diagnoseApiServers(facts),
      ...(config.isFile ? diagnoseConfiguration(config, false) : []),
      ...(policy === undefined ? [] : diagnoseGuards(policy, undefined)),
      ...(config.isFile
        ? [...diagnoseProvider(facts), ...diagnoseNotifications(facts), ...diagnoseCertificate(facts)]
        : []),
    ];
  }
  const isThere = isInstalled(cluster);
  return [
    ...diagnoseApiServers(facts),
    ...diagnoseVersion(cluster),
    ...diagnoseInstallation(cluster, facts.namespace, facts.daemonSetName),
    ...(isThere ? ofInstalled(cluster, facts) : []),
    ...diagnoseConfiguration(config, isThere),
    ...(policy === undefined ? [] : diagnoseGuards(policy, seenValue(cluster.nodes))),
    ...(isThere ? [...diagnoseLeader(cluster, facts), ...diagnoseObservers(cluster, facts)] : []),
    ...diagnoseClocks(cluster, servers),
    ...diagnoseProvider(facts),
    ...diagnoseMachines(provider, cluster),
    ...diagnoseNotifications(facts),
    ...diagnoseCertificate(facts),
    ...diagnoseMarks(cluster),
    ...diagnoseOtherHealers(cluster),
  ];
}

function ofInstalled(cluster: ClusterFacts, { namespace }: DoctorFacts): readonly Diagnosis[] {
  return [
    ...diagnoseCustomResources(cluster),
    ...diagnoseAdmissionPolicies(cluster, namespace),
    ...diagnoseRights(cluster, namespace),
  ];
}
