import { Connection } from "./connection.ts";
import { Page } from "./page.ts";
import { browserClock } from "./page-clock.ts";
import { Server } from "./server.ts";

const server = new Server(browserClock);
const page = new Page(server, browserClock, {
  retryNow: () => connection.retryNow(),
  reopen: () => connection.reopen(),
});
const connection = new Connection(
  server,
  browserClock,
  (ward) => page.showWard(ward),
  (line) => page.showLine(line),
);
page.run();
void connection.run();
