import { startServices } from "./services/start.ts";

const begun = performance.now();
const s = await startServices({});
console.log("started", (performance.now() - begun) / 1000, s.address.layout.ports, s.address.ids);
await new Promise((r) => process.once("SIGTERM", r).once("SIGINT", r));
await s.stop();
