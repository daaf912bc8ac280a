import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { serveStatusPage } from "../../../src/app/pages.ts";
import { makeParts } from "../../../src/app/setup.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { loadText, registry } from "../../support/config-loading.ts";
import { type MountedKeyPair, mountKeyPair } from "../../support/key-pair-files.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { ask, type PageRig, pageRig } from "./page-rig.ts";

const authority = makeAuthority("authority");

let rig: PageRig;
let mounted: MountedKeyPair;
const stop = new AbortController();
beforeAll(async () => {
  rig = await pageRig();
  mounted = await mountKeyPair(authority.issue({ commonName: "aceso", altNames: ["127.0.0.1"] }));
});
afterAll(async () => {
  stop.abort();
  await rig[Symbol.asyncDispose]();
  await mounted[Symbol.asyncDispose]();
});

/** Serves what a configuration says; how it answers without a token. */
async function served(keys: string, hasFiles: boolean) {
  const { certificateFile, keyFile } = mounted.files;
  const files = hasFiles ? `, certificate-file: ${certificateFile}, key-file: ${keyFile}` : "";
  const config = loadText(`cloud-provider: none\nhttp: {${keys}${files}}\n`);
  const parts = await makeParts({ config, registry }, { clock: systemClock, log: quietLog });
  const { app } = rig;
  const where = {
    namespace: "aceso",
    daemonSet: "aceso",
    nodeName: "n1",
    version: "0.0.0",
    configSource: "config.yaml",
  };
  const given = { app, http: config.http, parts, metrics: async () => "", clock: systemClock, log: quietLog, ...where };
  const { pages } = config.http;
  if (pages === undefined) throw new Error("the pages are off");
  const { port, isTls } = await serveStatusPage(given, pages, stop.signal);
  const status = async (path: string) => (await ask(port, isTls ? authority.cert : undefined, path, {})).status;
  return {
    isTls,
    page: await status("/"),
    style: await status("/assets/page.css"),
    nodes: await status("/api/v1/nodes"),
  };
}

// An address of this machine that nobody has told the program to be loopback: it takes it for one that others reach.
const beyond = 'pages: "127.1:0"';

test("on loopback all is plain and open to whoever is there, whatever files are named", async () => {
  const open = { isTls: false, page: 200, style: 200, nodes: 200 };
  expect(await served('pages: "127.0.0.1:0"', false)).toEqual(open);
  expect(await served('pages: "127.0.0.1:0"', true)).toEqual(open);
});

test("beyond loopback and without a certificate everything needs a token, the page's files too", async () => {
  expect(await served(beyond, false)).toEqual({ isTls: false, page: 401, style: 401, nodes: 401 });
});

test("beyond loopback and with a certificate TLS is spoken, and only what holds no data is open", async () => {
  expect(await served(beyond, true)).toEqual({ isTls: true, page: 200, style: 200, nodes: 401 });
  const forAll = await served(`${beyond}, anyone-may-read: true`, true);
  expect(forAll).toEqual({ isTls: true, page: 200, style: 200, nodes: 200 });
});
