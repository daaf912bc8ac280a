/** What a code tells, for people. */
export interface ErrorCodeText {
  readonly meaning: string;
  /** What Aceso does by itself. */
  readonly next: string;
  /** What a person does. */
  readonly todo: string;
}

const endsTheCommand = "A command ends with it; a replica does not start.";
const triesAgain = "The step is tried again with growing pauses, up to half a minute.";
const readsAgain = "What is there now is read, and the step is decided anew.";

/**
 * Every code of an error that Aceso raises on purpose; the compiler asks for a line when a class has a new one. A code
 * is never given another meaning. The operations page prints them.
 */
export const errorCodes = {
  ACESO_COMMAND: {
    meaning: "A command refuses what it was asked: an option that makes no sense, a Node that does not exist.",
    next: "Nothing was changed by this refusal; a pause of several Nodes goes on with the next one.",
    todo: "Do what the message says.",
  },
  ACESO_CONFIG: {
    meaning: "The configuration cannot be used. The message holds every problem, with file, line and column.",
    next: `${endsTheCommand} A replica that runs goes on with the configuration that it started with.`,
    todo: "Mend the file and try it with: aceso check-config FILE",
  },
  ACESO_CONFIG_FILE: {
    meaning: "The file of the configuration cannot be read.",
    next: endsTheCommand,
    todo: "See that the ConfigMap aceso is mounted and has the key config.yaml, or name another file with --config.",
  },
  ACESO_HTTP_CERTIFICATE: {
    meaning:
      "Certificate and key of the status page (`http.certificate-file`, `http.key-file`) cannot be read, or are no pair.",
    next: "The page goes on with the pair before; without one nobody can open it. The files are read again every ten seconds. Healing does not depend on it.",
    todo: "See that the Secret is mounted and holds both, then run in a pod: aceso doctor --config /etc/aceso/config.yaml",
  },
  ACESO_PLUGIN_LOAD: {
    meaning: "A module that plugins names cannot be imported, or is no plugin.",
    next: endsTheCommand,
    todo: "Mend the module; the message says what is missing.",
  },
  ACESO_PLUGIN_PARAMS: {
    meaning: "Parameters of a check or provider are right one by one, but make no sense together.",
    next: endsTheCommand,
    todo: "Change the parameters that the message names; the plugin's page has an example.",
  },
  ACESO_PROVIDER: {
    meaning: "The machines' owner could not be asked, refused, or left open whether it did what was asked.",
    next: "Reads are tried again. An act that was refused is tried again or given up; one whose outcome is unknown is never repeated before the machine was looked at.",
    todo: "The message says what was asked and what came back. Look at the owner's side, then run: aceso doctor",
  },
  ACESO_PROVIDER_NONSENSE: {
    meaning: "A provider plugin answered something that its contract does not know.",
    next: "The answer counts for nothing, and never for off; the repair is held.",
    todo: "Report it to whoever wrote the plugin or the program behind it. The message shows the answer.",
  },
  ACESO_NOT_INSTALLED: {
    meaning: "The API server does not know Aceso's custom resources.",
    next: "The command ends with it.",
    todo: "Install them: kubectl create -f manifests/aceso.yaml",
  },
  ACESO_CRD_OUTDATED: {
    meaning: "The cluster's NodeRepair does not know a field of what was asked for.",
    next: "Nothing was written.",
    todo: "Run: kubectl replace -f manifests/crds (objects stay), then ask again. aceso doctor names the fields.",
  },
  ACESO_NOTHING_KNOWN: {
    meaning: "The status page asked a replica that has not read the cluster yet.",
    next: "The page says so and asks again.",
    todo: "Nothing, unless it stays: then this replica reaches no API server.",
  },
  ACESO_NOT_NOW: {
    meaning:
      "Right before an act something was no longer as it was decided on: a pause, a Lease that moves, a machine that reads on.",
    next: "The act is not done. The next look says why, or goes on.",
    todo: "Nothing. This is a brake that held.",
  },
  ACESO_KUBE_ACCESS: {
    meaning: "There is no usable kubeconfig and no service account, or a credential in it cannot be read.",
    next: `${endsTheCommand} One that runs tries again.`,
    todo: "Name a kubeconfig with --kubeconfig and a context of it with --context.",
  },
  ACESO_KUBE_CONFLICT: {
    meaning: "409: somebody else wrote the object in between, or it exists already.",
    next: readsAgain,
    todo: "Nothing, unless it goes on for minutes: then something else writes the same object all the time.",
  },
  ACESO_KUBE_NOT_FOUND: {
    meaning: "404: the object is not there.",
    next: readsAgain,
    todo: "Nothing, unless a command ends with it: then see whether name and namespace are right.",
  },
  ACESO_KUBE_GONE: {
    meaning: "410: the server has forgotten the version from which a list or watch was to go on.",
    next: "It is listed anew.",
    todo: "Nothing.",
  },
  ACESO_KUBE_FORBIDDEN: {
    meaning: "403: the user has no right to do it, or an admission policy forbids it.",
    next: triesAgain,
    todo: "For a replica compare its rights with the manifest's: aceso doctor. For a command ask for the right that the message names.",
  },
  ACESO_KUBE_UNAUTHORIZED: {
    meaning: "401, also with a token that was read anew.",
    next: triesAgain,
    todo: "See that the token or certificate is still valid, and that it is one of this cluster.",
  },
  ACESO_KUBE_REJECTED: {
    meaning: "400, 422 or the like: the server will never take this object.",
    next: "The call is not repeated as it is; the step is decided anew, with growing pauses.",
    todo: "See that the custom resources are those of this version: aceso doctor. If they are, report it.",
  },
  ACESO_KUBE_TOO_MANY_REQUESTS: {
    meaning: "429 for longer than the call could wait; nothing was done.",
    next: triesAgain,
    todo: "Look at the API server's load and at its priority and fairness settings.",
  },
  ACESO_KUBE_UNAVAILABLE: {
    meaning: "No API server could be asked. Nothing was done, or it was only a read.",
    next: `${triesAgain} With several addresses the next one is asked.`,
    todo: "See whether an API server answers: aceso doctor. Until then nothing is decided and no time is counted.",
  },
  ACESO_KUBE_ANSWER_LOST: {
    meaning: "A write was sent and its answer is missing, so it may have been done.",
    next: readsAgain,
    todo: "Nothing.",
  },
  ACESO_BUG: {
    meaning:
      "Something else went wrong, which is a mistake in Aceso or in a plugin. The metric and the log have it, with a stack.",
    next: triesAgain,
    todo: "Report it, with the line of the log.",
  },
} as const satisfies Readonly<Record<`ACESO_${string}`, ErrorCodeText>>;

export type ErrorCode = keyof typeof errorCodes;
