#!/usr/bin/env node
// Power of machines behind IPMI. Needs ipmitool; options: user, password; the machine is the host name of its BMC.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const { operation, machine, options } = JSON.parse(readFileSync(0, "utf8"));

function ipmi(action) {
  const args = ["-I", "lanplus", "-H", machine, "-U", options.user, "-E", "chassis", "power", action];
  const env = { ...process.env, IPMI_PASSWORD: options.password };
  return execFileSync("ipmitool", args, { encoding: "utf8", env }).trim();
}

function answer() {
  if (operation === "power-off" || operation === "power-on") {
    ipmi(operation === "power-off" ? "off" : "on");
    return { accepted: true };
  }
  if (operation === "observe") {
    const text = ipmi("status");
    const power = { "Chassis Power is off": "off", "Chassis Power is on": "on" }[text] ?? "unknown";
    return { power, text };
  }
  return { error: { remedy: "give-up", message: `this program cannot ${operation}` } };
}

// ipmitool that fails throws here: exit code 1, which Aceso takes as "outcome unknown".
process.stdout.write(JSON.stringify(answer()));
