// Rebuilds one guest through the plugin and ends: a process that a test can kill.
//   node rebuild-process.ts URI GUEST, the guest as JSON
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { actOn, makeProvider } from "./provider-rig.ts";

const [uri, guest = ""] = process.argv.slice(2);
const provider = await makeProvider({ uris: [uri] });
await provider.rebuild?.(actOn(JSON.parse(guest) as Guest));
await provider.close?.();
