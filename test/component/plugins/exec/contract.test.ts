import { fileURLToPath } from "node:url";
import { providerContract } from "../../../support/provider-contract.ts";
import { execRig, makeExec } from "./rig.ts";

providerContract("exec (json)", () => execRig());

providerContract("exec (fence-agent)", async () => {
  const rig = await execRig();
  const agent = fileURLToPath(new URL("agent.sh", import.meta.url));
  const provider = await makeExec({ protocol: "fence-agent", command: ["/bin/sh", agent, rig.folder] });
  return { ...rig, provider, stranger: undefined };
});
