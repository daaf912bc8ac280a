import type { HoldReason } from "./hold.ts";

/** What follows from a hold: what happens next by itself, and what would change the answer. `NODE` stands for the node. */
export interface HoldAdvice {
  readonly next: string;
  readonly wouldChange: readonly string[];
}

const askAgain = "The question is asked again whenever something changes.";
const recovers = "the node recovers by itself";
const releaseHold = "a person looks, mends it, and runs: aceso repair NODE --release-hold";
const confirmOff = "a person sees that the machine is off and runs: aceso confirm-off NODE";

/** Advice for every hold reason there is: the compiler asks for a line when a reason is added. */
export const holdAdvice: Readonly<Record<HoldReason, HoldAdvice>> = {
  "api-unreadable": {
    next: "As soon as the API server answers again everything is judged anew; no age has grown meanwhile.",
    wouldChange: ["an API server answers within 15 s"],
  },
  paused: {
    next: "Nothing new begins while the pause lasts. What was healed is still returned to service.",
    wouldChange: ["the pause ends, or somebody runs: aceso resume NODE (aceso resume for the whole cluster)"],
  },
  "dry-run": {
    next: "Nothing: this is what would be done.",
    wouldChange: ["dry-run: false in the configuration, then a restart of the DaemonSet"],
  },
  "not-selected": {
    next: "Nothing: the node is not looked after.",
    wouldChange: [
      "the node gets the labels of node-selector",
      "master-monitor-enabled or worker-monitor-enabled is set for its role",
    ],
  },
  "skip-taint": {
    next: "Nothing, as long as the taint is there.",
    wouldChange: ["the taint is removed: kubectl taint node NODE node.kubernetes.io/asklepios-"],
  },
  deleting: { next: "Nothing: the Node is on its way out.", wouldChange: ["the Node object is made anew"] },
  autoscaler: {
    next: "Nothing: the autoscaler removes the node.",
    wouldChange: ["the autoscaler takes its taint back"],
  },
  "check-delay-after-add": {
    next: "It is judged like any other node from then on.",
    wouldChange: ["check-delay-after-add passes, or is made shorter"],
  },
  "startup-delay": {
    next: "The repair begins then, if the node is still ill.",
    wouldChange: ["startup-delay passes", recovers],
  },
  maintenance: {
    next: "The repair begins then, if the node is still ill and still cordoned.",
    wouldChange: ["cordoned-hold passes", "the node is uncordoned: kubectl uncordon NODE"],
  },
  "max-unhealthy": {
    next: "Nothing begins until fewer nodes are ill. Look at what they have in common: network, power, API servers.",
    wouldChange: ["other nodes recover", "max-unhealthy is raised"],
  },
  "max-parallel": {
    next: "It is this node's turn when one of the repairs under way ends.",
    wouldChange: ["another repair ends", "max-parallel is raised"],
  },
  "max-repairs-per-hour": {
    next: "It is this node's turn when fewer repairs began within the last hour.",
    wouldChange: ["time passes", "max-repairs-per-hour is raised"],
  },
  "control-plane-quorum": {
    next: "Nothing, until more than half of the control plane would be left.",
    wouldChange: ["another control-plane node becomes Ready", "control-plane.etcd: external, where that is true"],
  },
  "control-plane-busy": {
    next: "It is this node's turn when the other repair ends.",
    wouldChange: ["the other control-plane node is back"],
  },
  "control-plane-unreadable": {
    next: askAgain,
    wouldChange: ["the pods labelled component=etcd in kube-system can be listed"],
  },
  "no-other-replica": {
    next: askAgain,
    wouldChange: ["another replica of Aceso runs on another node and publishes its report"],
  },
  "own-node": {
    next: "When another replica is fresh, this one gives the lead away and that one repairs this node.",
    wouldChange: ["another replica of Aceso runs on another node", recovers],
  },
  "no-capability": {
    next: "Nothing, unless the kubelet falls silent.",
    wouldChange: ["a provider that can restart machines is configured", recovers],
  },
  "unproven-not-accepted": {
    next: "Nothing: without proof its pods and volumes stay where they are.",
    wouldChange: [
      recovers,
      confirmOff,
      "a provider is configured, which can prove that a machine is off",
      "fencing.accept-unproven: true, only where storage fences by itself",
    ],
  },
  "still-ready": {
    next: "The node controller makes it NotReady after its grace period (about 50 s); then it is judged again.",
    wouldChange: ["Ready becomes False or Unknown", recovers, confirmOff],
  },
  "answers-network": {
    next: "Nothing, while anything on its address answers any observer, or observers cannot tell.",
    wouldChange: ["nothing on its address answers any more", recovers, confirmOff],
  },
  "machine-unknown": {
    next: askAgain,
    wouldChange: [
      "the provider finds the machine",
      "a person names it: kubectl annotate node NODE aceso.dev/machine=ID",
    ],
  },
  "identity-changed": {
    next: "Nothing: the machine that was meant is not the one that would be hit.",
    wouldChange: [
      "the node's identity is what it was",
      "the node was Ready once with the new one",
      "the Node is deleted and the kubelet of its new machine registers it anew",
    ],
  },
  "provider-unknown": { next: askAgain, wouldChange: ["the provider answers on or off", confirmOff] },
  interlock: {
    next: "The owner is asked again every few seconds. Unless it forbids everything, the pods of a machine that is off are freed meanwhile.",
    wouldChange: [
      "the owner's reason is over: look at the cluster or stack there",
      "the owner can be asked again",
      recovers,
    ],
  },
  "local-data": {
    next: "Nothing: the disk is not ours to lose.",
    wouldChange: [
      "the PersistentVolume is moved or deleted, the annotation aceso.dev/keep-disk removed",
      "accept-disk-loss: true in the configuration",
      recovers,
    ],
  },
  "etcd-stacked": {
    next: "Nothing: its etcd member would be lost.",
    wouldChange: ["control-plane.etcd says external or rejoins, where that is true", recovers],
  },
  "record-newer": {
    next: "Nothing: a newer Aceso carries on.",
    wouldChange: ["every replica runs the newer version"],
  },
  "record-invalid": {
    next: "The leader replaces the status by one that is held, with what stands on the Node.",
    wouldChange: [releaseHold],
  },
  "record-lost": {
    next: "It is returned to service if it recovers by itself.",
    wouldChange: [recovers, releaseHold],
  },
  "not-silent-yet": {
    next: "Its pods are freed as soon as its kubelet has been silent for the time of `silence`.",
    wouldChange: ["the kubelet stays silent", recovers],
  },
  countdown: {
    next: "The machine is switched on when a check has failed for its unhealthy-duration.",
    wouldChange: ["the checks' countdown ends", "somebody switches it on"],
  },
  "server-too-old": {
    next: "Nothing is begun on this cluster.",
    wouldChange: ["Kubernetes is upgraded to 1.26 or newer"],
  },
  "orphan-taint": {
    next: "Nothing: whoever set it must take it back. Pods that land here are deleted at once.",
    wouldChange: [
      "the machine was restarted and somebody runs: kubectl taint node NODE node.kubernetes.io/out-of-service-",
    ],
  },
  "ladder-exhausted": {
    next: "It is returned to service if it recovers by itself.",
    wouldChange: [releaseHold, recovers],
  },
  "power-off-failed": {
    next: "It is returned to service if it recovers by itself. Its pods stay where they are.",
    wouldChange: [confirmOff, releaseHold, recovers],
  },
  "cordoned-by-person": {
    next: "It stays off. Its pods and volumes are free.",
    wouldChange: ["somebody switches it on", releaseHold],
  },
  "found-off": {
    next: "It stays off. Its pods and volumes are free.",
    wouldChange: [
      "somebody switches it on",
      "fencing.power-on-found-off: true in the configuration, then --release-hold",
    ],
  },
  "reboot-it": {
    next: "When the node posts a new boot ID its taint and cordon are taken away.",
    wouldChange: ["a person reboots the machine", "fencing.require-reboot: false in the configuration"],
  },
  "machine-mismatch": {
    next: "Nothing: the provider and the node speak of two machines.",
    wouldChange: ["the mapping is right: kubectl annotate node NODE aceso.dev/machine=ID", releaseHold],
  },
  "ask-operator": {
    next: "It is returned to service if it recovers by itself.",
    wouldChange: [releaseHold, recovers],
  },
  "replacement-failed": {
    next: "It is returned to service if the new machine becomes Ready after all.",
    wouldChange: [
      "a person looks at the new machine and its owner",
      `${releaseHold} (a new machine under the old name then has a repair of its own)`,
      "the new node becomes Ready",
    ],
  },
  "replacement-under-way": {
    next: "A successor is judged like any other node when that repair is over; a replacement of its own is asked for half a minute after the other one.",
    wouldChange: ["the other repair ends", "half a minute passes", recovers],
  },
  "node-unmarked": {
    next: "The repair goes on as soon as the Node is gone.",
    wouldChange: ["somebody, or the cloud's controller, deletes it: kubectl delete node NODE"],
  },
  "node-gone": {
    next: "When a Node of this name is registered again it is returned to service.",
    wouldChange: ["the Node comes back", "nobody misses it: kubectl delete noderepair NODE"],
  },
};
