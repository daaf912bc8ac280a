import { Connection } from "./connection.ts";
import { Page } from "./page.ts";
import { browserClock } from "./page-clock.ts";
import { Server } from "./server.ts";

const server = new Server(browserClock);
const page = new Page(server, browserClock, {
  retryNow: () => connection.retryNow(),
  reopen: () => connection.reopen(),
});
const connection = new Connection(server, browserClock, {
  onWard: (ward) => page.showWard(ward),
  onLine: (line) => page.showLine(line),
  onLife: () => page.showLife(),
});
page.run();
void connection.run();
