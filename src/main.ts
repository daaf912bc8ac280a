import packageJson from "../package.json" with { type: "json" };

if (process.argv[2] === "version") process.stdout.write(`aceso ${packageJson.version}\n`);
else {
  process.stderr.write("usage: aceso version\n");
  process.exitCode = 2;
}
