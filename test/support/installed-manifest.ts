import { join } from "node:path";
import { ApiClient, type ApiObject, mergePatch } from "./api-client.ts";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./control-plane/start.ts";
import { eventually } from "./eventually.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { recordUses, refusals } from "./rights.ts";

const manifests = join(import.meta.dirname, "../../manifests");

/** A control plane on which `kubectl create -f manifests/…` was run, its policies in force. */
export interface Installation {
  readonly plane: ControlPlane;
  /** What kubectl printed. */
  readonly printed: string;
  /** File with the token of the service account aceso, an hour long, for the first API server. */
  readonly kubeconfig: string;
  /** With that token. */
  readonly aceso: ApiClient;
  /** As system:node:worker-1. */
  readonly kubelet: ApiClient;
  /**
   * Stops everything, and leaves the rights that the program used for the runner.
   * @throws Error when the program was refused anything (a right is missing in the manifest, or a policy too strict)
   */
  stop(): Promise<void>;
}

export interface InstallOptions extends ControlPlaneOptions {
  /** File in the folder `manifests`; aceso.yaml where nothing is said. */
  readonly manifest?: string;
  /** False where parts of the program are called one by one: that shows no need of a right. */
  readonly recordsUses?: boolean;
}

/** @throws Error with what kubectl said when the manifest is not created whole */
export async function installManifest({
  manifest = "aceso.yaml",
  ...options
}: InstallOptions = {}): Promise<Installation> {
  const plane = await startControlPlane({ ...options, crds: false });
  try {
    const printed = await plane.kubectl(["create", "-f", join(manifests, manifest)]);
    const token = (await plane.kubectl(["create", "token", "aceso", "--namespace=aceso", "--duration=1h"])).trim();
    const { servers, ca } = plane.access;
    const access = { servers, ...(ca && { ca }), token };
    const aceso = new ApiClient(access);
    const kubelet = new ApiClient(plane.accessAs("system:node:worker-1", ["system:nodes"]));
    await inForce(plane, aceso, kubelet);
    return {
      plane,
      printed,
      kubeconfig: await writeKubeconfig(join(plane.dir, "aceso.kubeconfig"), access, "aceso"),
      aceso,
      kubelet,
      async stop() {
        aceso.close();
        kubelet.close();
        const events = await plane.auditLog();
        await plane.stop();
        if (options.recordsUses !== false) recordUses(events);
        const refused = refusals(events);
        if (refused.length > 0) throw new Error(`the program was refused:\n${refused.join("\n")}`);
      },
    };
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** Custom resources are served a moment after they are established, policies up to two seconds after their creation. */
async function inForce(plane: ControlPlane, aceso: ApiClient, kubelet: ApiClient): Promise<void> {
  await eventually("the custom resources are served", async () => {
    await plane.api.get("/apis/aceso.dev/v1alpha1/observerreports");
    return plane.api.get("/apis/aceso.dev/v1alpha1/noderepairs");
  });
  // a kubelet may write to its own Node only, whatever the policies say
  const node = "/api/v1/nodes/worker-1";
  await plane.api.must("POST", "/api/v1/nodes", { metadata: { name: node.split("/").at(-1) } });
  await eventually("the admission policies are in force", async () => {
    const isRefused = async (client: ApiClient, policy: string, metadata: ApiObject) => {
      const { status, body } = await client.call(
        "PATCH",
        `${node}?dryRun=All`,
        { metadata },
        { contentType: mergePatch },
      );
      return status === 403 && String(body.message).includes(policy);
    };
    return (
      (await isRefused(aceso, "'aceso-nodes'", { labels: { a: "b" } })) &&
      (await isRefused(kubelet, "'aceso-kubelets'", { annotations: { "aceso.dev/a": "b" } }))
    );
  });
  await plane.api.must("DELETE", node);
}
