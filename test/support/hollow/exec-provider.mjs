// An executable for Aceso's exec provider (protocol json): hands what it is given to the owner of the hollow machines,
// on the port of 127.0.0.1 named by its argument, and prints the answer.
import { connect } from "node:net";

const socket = connect({ host: "127.0.0.1", port: Number(process.argv[2]) });
socket.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
socket.pipe(process.stdout);
let input = "";
for await (const chunk of process.stdin) input += chunk;
socket.write(`${input.replaceAll("\n", " ")}\n`);
