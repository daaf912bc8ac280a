import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";
import { faultText } from "../../shared/openstack/fault-text.ts";
import type { ActKind, AskedActs } from "./asked-acts.ts";
import { needTime } from "./in-time.ts";
import type { JsonRecord } from "./json.ts";
import type { Nova } from "./nova.ts";
import { refusal } from "./refusal.ts";
import { type Server, wordsOn } from "./server.ts";

/** What a server's state means for an act: send it, there is nothing to do, or why it cannot be sent. */
export type Verdict = "send" | "done" | ProviderError;

export interface ServerAct {
  readonly kind: ActKind;
  /** For people, as `stopping`. */
  readonly doing: string;
  readonly body: JsonRecord;
  /** Pure. Asked before the act and again after a 409. */
  judge(server: Server): Verdict;
  /** Of a rebuild: the boot volume that is written anew. */
  readonly volume?: string;
}

export interface ActParts {
  readonly nova: Nova;
  readonly asked: AskedActs;
}

/** Reads the server, asks whether it may, and sends one action. A 409 is told apart by reading the server again. */
export async function actOnServer(parts: ActParts, act: Act, wanted: ServerAct): Promise<void> {
  const { nova, asked } = parts;
  // A stop that failed may be asked for again under the same id, and is told from the state when it did not.
  if (wanted.kind === "reboot" && asked.isRepeated(act, "reboot")) return;
  const what = `${wanted.doing} server ${act.machine}`;
  const server = await readForAct(nova, what, act);
  const verdict = wanted.judge(server);
  await act.mayAct();
  if (verdict !== "send") return finish(verdict);
  needTime(act, what);
  const volume = wanted.volume === undefined ? {} : { volume: wanted.volume };
  const note = { kind: wanted.kind, id: act.id, ...volume };
  // Before the answer: it may be lost.
  asked.remember(act.machine, { ...note, requestId: "", isUncertain: true });
  const answer = await nova.act(act.machine, wanted.body, act.signal);
  if (answer.status === 200 || answer.status === 202) {
    asked.remember(act.machine, { ...note, requestId: answer.requestId, isUncertain: false });
    return;
  }
  if (answer.status < 500) asked.forget(act.machine);
  if (answer.status !== 409) throw refusal(what, answer, "act");
  const now = wanted.judge(await readForAct(nova, what, act));
  if (now !== "send") return finish(now);
  throw new ProviderError(
    `openstack: ${what}: ${faultText(answer)}; it looks possible now, so it is tried again`,
    "retry",
  );
}

/** Reasons that hold for every act. Undefined: none of them. */
export function commonObstacle(doing: string, server: Server): ProviderError | undefined {
  const what = `openstack: ${doing} server ${server.id} (${server.name})`;
  if (server.isLocked) {
    const reason = server.lockedReason === undefined ? "" : ` (${server.lockedReason})`;
    return new ProviderError(
      `${what}: it is locked${reason}; unlock it: openstack server unlock ${server.id}`,
      "ask-operator",
    );
  }
  if (server.taskState === undefined)
    return new ProviderError(`${what}: Nova answers in part only: ${wordsOn(server)}`, "retry");
  if (server.taskState !== null) return new ProviderError(`${what}: it is busy: ${wordsOn(server)}`, "retry");
  return undefined;
}

/** For a server whose state allows no act: somebody put it there, and only they know why. */
export function strangeState(doing: string, server: Server): ProviderError {
  const what = `openstack: ${doing} server ${server.id} (${server.name})`;
  return new ProviderError(
    `${what}: ${wordsOn(server)}: somebody put it into this state; ${adviceOn(server)}`,
    "ask-operator",
  );
}

function adviceOn({ id, status }: Server): string {
  const back: Readonly<Record<string, string>> = {
    PAUSED: `openstack server unpause ${id}`,
    SUSPENDED: `openstack server resume ${id}`,
    RESCUE: `openstack server unrescue ${id}`,
    SHELVED: `openstack server unshelve ${id}`,
    SHELVED_OFFLOADED: `openstack server unshelve ${id}`,
  };
  const command = back[status];
  return command === undefined ? "bring it to ACTIVE or SHUTOFF" : `bring it back with: ${command}`;
}

function finish(verdict: "done" | ProviderError): void {
  if (verdict !== "done") throw verdict;
}

async function readForAct(nova: Nova, what: string, act: Act): Promise<Server> {
  const server = await nova.find(act.machine, act.signal);
  if (server !== undefined) return server;
  throw new ProviderError(`openstack: ${what}: Nova has no such server any more`, "re-read");
}
