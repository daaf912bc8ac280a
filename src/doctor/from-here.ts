import type { ConfigFacts } from "./facts.ts";

/**
 * Message and remedy of what was found with files, programs and network of this machine. A ConfigMap is meant for the
 * pods, where they are others; a file that a person named is meant for here.
 */
export function fromHere({ isFile }: ConfigFacts, namespace: string, message: string, remedy: string) {
  if (isFile) return [message, remedy] as const;
  const inPod = `kubectl -n ${namespace} exec daemonset/aceso -- /usr/local/bin/node /app/main.js doctor --config /etc/aceso/config.yaml`;
  return [`from this machine: ${message}`, `${remedy}; asked from a pod: ${inPod}`] as const;
}
