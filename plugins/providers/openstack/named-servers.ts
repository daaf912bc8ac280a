import { type NodeIdentity, ProviderError } from "../../../src/plugin-api/index.ts";
import { readProviderId, toServerId } from "./server-id.ts";

/** One place of a Node that says which server it is. */
interface Claim {
  readonly source: string;
  readonly id: string;
}

/**
 * The server that a Node says it is: its annotation aceso.dev/machine, spec.providerID and system UUID, as far as they
 * are there. Pure.
 *
 * @param region of the configuration
 * @returns undefined when none says anything
 * @throws ProviderError (ask-operator) when two disagree, or one cannot be a server of this cloud
 */
export function serverNamedBy(node: NodeIdentity, region: string | undefined): string | undefined {
  const claims = [annotationOf(node), providerIdOf(node, region), systemUuidOf(node)].filter(
    (claim) => claim !== undefined,
  );
  const [first] = claims;
  const other = claims.find(({ id }) => id !== first?.id);
  if (first === undefined || other === undefined) return first?.id;
  throw disagreement(node, `${first.source} says server ${first.id}, but ${other.source} says ${other.id}`);
}

function annotationOf({ machineAnnotation, name }: NodeIdentity): Claim | undefined {
  if (machineAnnotation === undefined) return undefined;
  const text = machineAnnotation.slice(machineAnnotation.lastIndexOf("/") + 1);
  const id = toServerId(text);
  if (id !== undefined) return { source: "annotation aceso.dev/machine", id };
  const problem = `openstack: node ${name}: annotation aceso.dev/machine is no id of a Nova server`;
  throw new ProviderError(`${problem}; expected a UUID`, "ask-operator");
}

function providerIdOf(node: NodeIdentity, region: string | undefined): Claim | undefined {
  const read = readProviderId(node.providerID);
  if (read.kind === "none") return undefined;
  if (read.kind === "foreign") throw disagreement(node, `spec.providerID ${node.providerID} is no OpenStack server`);
  if (read.region !== undefined && region !== undefined && read.region !== region) {
    throw disagreement(node, `spec.providerID is of region ${read.region}, but openstack.region is ${region}`);
  }
  return { source: "spec.providerID", id: read.id };
}

function systemUuidOf({ systemUUID }: NodeIdentity): Claim | undefined {
  const id = toServerId(systemUUID);
  return id === undefined ? undefined : { source: "the system UUID", id };
}

function disagreement(node: NodeIdentity, problem: string): ProviderError {
  const advice = "nothing is done to a machine that may be another's; correct the Node or the configuration";
  return new ProviderError(`openstack: node ${node.name}: ${problem}; ${advice}`, "ask-operator");
}
