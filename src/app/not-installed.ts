import { AcesoError } from "../core/errors.ts";
import { NotFoundError } from "../kube/status-error.ts";

/** The API server does not know Aceso's kinds. */
export class NotInstalledError extends AcesoError {
  readonly code = "ACESO_NOT_INSTALLED";
  readonly remedy = "ask-operator";
}

/** A 404 of the whole kind, or of its collection, means that Aceso's CRDs are missing. */
export async function needsInstallation<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const message =
      "this cluster does not know NodeRepairs; install Aceso first: kubectl create -f manifests/aceso.yaml";
    throw new NotInstalledError(message, { cause: error });
  }
}
