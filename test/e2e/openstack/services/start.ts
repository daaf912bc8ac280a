import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepLeftovers } from "../../../support/control-plane/leftovers.ts";
import { type Hand, openHand } from "./hand.ts";
import { file, type Layout, planLayout, urlOf } from "./layout.ts";
import { installPackages, whyNoServices } from "./packages.ts";
import { Processes } from "./processes.ts";
import { database, keystone } from "./programs.ts";
import { copyReady, findReady, moveToPorts, type Ready } from "./ready-state.ts";
import type { SeededIds } from "./seed.ts";
import { writeSettings } from "./settings/write.ts";
import { startApis, startMessages, startVolumes } from "./start-order.ts";

/** Where running services are. Plain data, so that it can be handed to other processes. */
export interface ServicesAddress {
  readonly layout: Layout;
  readonly ids: SeededIds;
}

export interface Services {
  readonly address: ServicesAddress;
  /** Process ids of what runs, by name. */
  pids(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export interface ServicesOptions {
  /** Cinder from the beginning; otherwise with the first server that boots from a volume. */
  readonly volumes?: boolean;
  readonly say?: (line: string) => void;
}

/** The services cannot run on this machine; the message says what is missing. */
export class ServicesMissing extends Error {}

const toStandardError = (line: string) => void process.stderr.write(`${line}\n`);

/** Brings packages and the ready state, so that a start is quick. */
export async function prepareServices(say: (line: string) => void = toStandardError): Promise<Ready> {
  const reason = await whyNoServices();
  if (reason !== undefined) throw new ServicesMissing(`the real OpenStack services: this machine ${reason}`);
  await installPackages(say);
  return findReady(say);
}

/**
 * Starts Keystone, Nova, Heat, Magnum and what they need, on free ports of 127.0.0.1 in a folder of their own. Nothing is
 * kept over `stop`.
 *
 * @throws ServicesMissing on a machine that cannot run them; Error with the end of a log when one does not get ready
 */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const say = options.say ?? toStandardError;
  const ready = await prepareServices(say);
  await sweepLeftovers();
  const layout = await planLayout(await mkdtemp(join(tmpdir(), "aceso-e2e-")), ready.packages);
  const processes = new Processes(layout);
  let hand: Hand | undefined;
  const stop = async () => {
    await hand?.close();
    await processes.killAll();
    await rm(layout.dir, { recursive: true, force: true });
  };
  try {
    await Promise.all([writeSettings(layout), copyReady(ready, layout)]);
    const messages = startMessages(layout, processes);
    await processes.start(database(layout));
    await processes.untilListening("database", layout.ports.database);
    await moveToPorts(layout);
    await processes.start(keystone(layout));
    await processes.untilAnswering("keystone", urlOf(layout, "keystone"));
    await messages;
    await startApis(layout, processes);
    if (options.volumes === true) await startVolumes(layout, processes);
    hand = await openHand(layout, processes);
    const ids: SeededIds = JSON.parse(await readFile(file(layout, "ids.json"), "utf8"));
    return { address: { layout, ids }, pids: () => processes.pids(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
