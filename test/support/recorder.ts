import { systemClock } from "../../src/app/clock.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ApiClient, ApiObject } from "./api-client.ts";
import { type Followed, follow } from "./follow.ts";

export type RecordedKind = "Node" | "Lease" | "VolumeAttachment" | "NodeRepair" | "Pod";

/** One version of one object, in the order in which the API server made them (within a kind). */
export interface RecordedVersion extends Followed {
  readonly kind: RecordedKind;
  readonly name: string;
  readonly receivedAtMonoMs: number;
  readonly receivedAtWallMs: number;
}

export interface Recorder {
  /** All versions of all kinds, oldest first. */
  readonly versions: readonly RecordedVersion[];
  of(kind: RecordedKind, name?: string): readonly RecordedVersion[];
  /** Kinds of which versions may be missing, because a watch had to begin anew with a list. */
  readonly gaps: readonly RecordedKind[];
  stop(): Promise<void>;
}

const paths: Readonly<Record<RecordedKind, string>> = {
  Node: "/api/v1/nodes",
  Lease: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
  VolumeAttachment: "/apis/storage.k8s.io/v1/volumeattachments",
  NodeRepair: "/apis/aceso.dev/v1alpha1/noderepairs",
  Pod: "/api/v1/pods",
};

export interface RecorderOptions {
  readonly clock?: Clock;
  /** Nodes, Leases of nodes and VolumeAttachments where nothing is said. */
  readonly kinds?: readonly RecordedKind[];
}

/** Watches every version of some kinds with the time of its arrival; resolves when the first lists are in. */
export async function startRecorder(api: ApiClient, options: RecorderOptions = {}): Promise<Recorder> {
  const { clock = systemClock, kinds = ["Node", "Lease", "VolumeAttachment"] } = options;
  const versions: RecordedVersion[] = [];
  const gaps: RecordedKind[] = [];
  const end = new AbortController();
  const following: Promise<void>[] = [];
  const listed = kinds.map(
    (kind) =>
      new Promise<void>((resolve) => {
        let lists = 0;
        const onList = () => {
          lists += 1;
          if (lists > 1) gaps.push(kind);
          resolve();
        };
        const onEvent = (event: Followed) => {
          const { monoMs, wallMs } = clock.now();
          const name = event.object.metadata.name;
          versions.push({ ...event, kind, name, receivedAtMonoMs: monoMs, receivedAtWallMs: wallMs });
        };
        following.push(follow(api, paths[kind], onEvent, { clock, signal: end.signal, onList }));
      }),
  );
  await Promise.all(listed);
  return {
    versions,
    gaps,
    of: (kind, name) => versions.filter((each) => each.kind === kind && (name ?? each.name) === each.name),
    async stop() {
      end.abort();
      await Promise.all(following);
    },
  };
}

export const outOfServiceKey = "node.kubernetes.io/out-of-service";

export function hasOutOfServiceTaint(node: ApiObject): boolean {
  return (node.spec?.taints ?? []).some((taint: ApiObject) => taint.key === outOfServiceKey);
}

/** One write that put the taint on a node. */
export interface TaintWrite {
  readonly node: string;
  readonly atMonoMs: number;
  readonly atWallMs: number;
  /** How long the recorder had not seen the node's Lease change then; undefined when it never saw the Lease. */
  readonly leaseAgeMs: number | undefined;
  /** Status of the condition Ready in that version. */
  readonly ready: string;
}

/** Every change from untainted to tainted, with how old the node's Lease was. */
export function taintWrites(recorder: Recorder): readonly TaintWrite[] {
  const writes: TaintWrite[] = [];
  const wasTainted = new Map<string, boolean>();
  for (const version of recorder.of("Node")) {
    const isTainted = version.type !== "DELETED" && hasOutOfServiceTaint(version.object);
    if (isTainted && wasTainted.get(version.name) !== true) writes.push(toWrite(recorder, version));
    wasTainted.set(version.name, isTainted);
  }
  return writes;
}

function toWrite(recorder: Recorder, version: RecordedVersion): TaintWrite {
  const atMonoMs = version.receivedAtMonoMs;
  const lease = recorder.of("Lease", version.name).findLast((each) => each.receivedAtMonoMs <= atMonoMs);
  const ready = version.object.status?.conditions?.find((each: ApiObject) => each.type === "Ready");
  return {
    node: version.name,
    atMonoMs,
    atWallMs: version.receivedAtWallMs,
    leaseAgeMs: lease === undefined ? undefined : atMonoMs - lease.receivedAtMonoMs,
    ready: ready?.status ?? "",
  };
}
