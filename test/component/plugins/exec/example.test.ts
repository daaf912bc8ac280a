import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { providerContract } from "../../../support/provider-contract.ts";
import { execRig, makeExec } from "./rig.ts";

const program = fileURLToPath(new URL("../../../../plugins/providers/exec/example-ipmi.mjs", import.meta.url));

/** Answers like ipmitool, with the test's files as the machine. */
const fakeIpmitool = `#!/bin/sh
dir=$(dirname "$0")
[ "$IPMI_PASSWORD" = hunter2 ] || { echo "Error: Unable to establish IPMI v2 / RMCP+ session" >&2; exit 1; }
for action; do :; done
case "$(cat "$dir/mode" 2>/dev/null)" in silent) exec sleep 600 ;; nonsense) exit 1 ;; esac
case "$action" in
  status) echo "Chassis Power is $(cat "$dir/power")" ;;
  *) echo "$action" >>"$dir/acts"; printf %s "$action" >"$dir/power" ;;
esac
`;

providerContract("the worked example of exec", async () => {
  const rig = await execRig();
  const ipmitool = join(rig.folder, "ipmitool");
  await writeFile(ipmitool, fakeIpmitool);
  await chmod(ipmitool, 0o755);
  const path = `PATH=${rig.folder}:${dirname(process.execPath)}:/usr/bin:/bin`;
  const provider = await makeExec({
    command: ["/usr/bin/env", path, process.execPath, program],
    options: { user: "admin", password: "hunter2" },
  });
  return { ...rig, provider, stranger: undefined };
});
