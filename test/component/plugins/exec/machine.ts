/**
 * A provider program for tests, in the shape that an operator would write one: keeps the machine's power in a file,
 * counts acts in another, and misbehaves as a third one says. Argument: the folder with these files.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder = ""] = process.argv.slice(2);
const path = (name: string) => join(folder, name);
const call = JSON.parse(readFileSync(0, "utf8")) as { operation: string; node: { name: string } };
const mode = existsSync(path("mode")) ? readFileSync(path("mode"), "utf8") : "";

writeFileSync(path("last-call.json"), JSON.stringify(call));
if (mode === "nonsense") {
  process.stdout.write("{]");
} else if (mode === "silent") {
  setInterval(() => {}, 1_000);
} else {
  process.stdout.write(JSON.stringify(answer()));
}

function answer(): object {
  switch (call.operation) {
    case "identify":
      return { machine: call.node.name.startsWith("stranger") ? null : `vm-${call.node.name}` };
    case "observe":
      return { power: readFileSync(path("power"), "utf8"), text: "read from a file" };
    default:
      appendFileSync(path("acts"), `${call.operation}\n`);
      writeFileSync(path("power"), call.operation === "power-off" ? "off" : "on");
      return { accepted: true };
  }
}
