import { describeApiContract } from "../../component/sim/api-contract.ts";
import { startControlPlane } from "../../support/control-plane/start.ts";
import { eventually } from "../../support/eventually.ts";

describeApiContract("kube-apiserver", async () => {
  const plane = await startControlPlane({ scheduler: false });
  // Pods are refused until the controller manager has made it.
  await eventually("the default service account", () =>
    plane.api.get("/api/v1/namespaces/default/serviceaccounts/default"),
  );
  return {
    api: plane.api,
    // A server that was started anew keeps no changes of before.
    async compact() {
      await plane.stopServer(0);
      await plane.startServer(0);
      // Until the storage of the custom resources has been read, they are answered with 429.
      await eventually("custom resources", () =>
        plane.api.get("/apis/aceso.dev/v1alpha1/noderepairs?resourceVersion=0"),
      );
    },
    close: () => plane.stop(),
  };
});
