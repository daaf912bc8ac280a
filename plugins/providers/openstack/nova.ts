import type { OpenStackAnswer } from "../../shared/openstack/call.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import { isRecord, type JsonRecord, recordsIn, textIn } from "./json.ts";
import { nonsense, recordFrom, recordsFrom } from "./refusal.ts";
import { type Server, toServer } from "./server.ts";
import { VersionedService } from "./versioned-service.ts";

/** A request of the past, as Nova's log of a server shows it. */
export interface InstanceAction {
  readonly requestId: string;
  /** `stop`, `delete`, … */
  readonly action: string;
  /** `Error` when it failed. */
  readonly message: string | undefined;
  /** What compute hosts did for it; empty where Nova does not tell. */
  readonly events: readonly { readonly event: string; readonly result: string | undefined }[];
}

/** A compute service, for admins only. */
export interface ComputeService {
  readonly id: string;
  readonly state: string;
  readonly isForcedDown: boolean;
}

const pageSize = 500;
/** More servers than any project has. */
const mostPages = 200;

/** The calls of Nova that are used. Each throws ProviderError; what a status means is said in `refusal.ts`. */
export class Nova {
  readonly #calls: VersionedService;

  constructor(session: OpenStackSession) {
    // From 2.95 on an evacuated server stays off; nothing newer than 2.93 is needed.
    this.#calls = new VersionedService(session, "compute", "2.93");
  }

  allows(microversion: string, signal: AbortSignal): Promise<boolean> {
    return this.#calls.allows(microversion, signal);
  }

  /** Undefined: Nova itself says that there is no such server in this project. */
  async find(id: string, signal: AbortSignal): Promise<Server | undefined> {
    const what = `reading server ${id}`;
    const answer = await this.#get(`/servers/${id}`, {}, signal);
    if (isItemNotFound(answer)) return undefined;
    const server = toServer(recordFrom(what, answer, "server"));
    if (server === undefined || server.id !== id) throw nonsense(what, answer);
    return server;
  }

  /** Servers of exactly this name. */
  async named(name: string, signal: AbortSignal): Promise<readonly Server[]> {
    const pattern = `^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;
    return (await this.#list({ name: pattern }, signal)).filter((server) => server.name === name);
  }

  /** All servers of the project. */
  all(signal: AbortSignal): Promise<readonly Server[]> {
    return this.#list({}, signal);
  }

  /** `POST …/action`; any status. */
  act(id: string, action: JsonRecord, signal: AbortSignal): Promise<OpenStackAnswer> {
    return this.#calls.call({ method: "POST", path: `/servers/${id}/action`, body: action, signal });
  }

  /** Requests on a server, newest first; also of one that is deleted. Undefined: Nova knows nothing of it. */
  async actions(id: string, signal: AbortSignal): Promise<readonly InstanceAction[] | undefined> {
    const answer = await this.#get(`/servers/${id}/os-instance-actions`, {}, signal);
    if (isItemNotFound(answer)) return undefined;
    return recordsFrom(`reading what was asked of server ${id}`, answer, "instanceActions").map(toAction);
  }

  /** One request on a server with what the compute hosts did. Undefined: Nova has no record of it. */
  async action(id: string, requestId: string, signal: AbortSignal): Promise<InstanceAction | undefined> {
    const answer = await this.#get(`/servers/${id}/os-instance-actions/${requestId}`, {}, signal);
    if (isItemNotFound(answer)) return undefined;
    return toAction(recordFrom(`reading what became of ${requestId} on server ${id}`, answer, "instanceAction"));
  }

  /** Devices by volume id, as `/dev/vda`. */
  async devices(id: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const answer = await this.#get(`/servers/${id}/os-volume_attachments`, {}, signal);
    const list = recordsFrom(`reading the volumes of server ${id}`, answer, "volumeAttachments");
    return new Map(list.map((one) => [textIn(one, "volumeId") ?? "", textIn(one, "device") ?? ""]));
  }

  /** Needs admin rights. */
  async computeService(host: string, signal: AbortSignal): Promise<ComputeService | undefined> {
    const answer = await this.#get("/os-services", { binary: "nova-compute", host }, signal);
    const list = recordsFrom(`reading the compute service of host ${host}`, answer, "services");
    const found = list.find((one) => textIn(one, "host") === host && textIn(one, "binary") === "nova-compute");
    const [id, state] = [textIn(found, "id"), textIn(found, "state")];
    if (found === undefined || id === undefined || state === undefined) return undefined;
    return { id, state, isForcedDown: found.forced_down === true };
  }

  /** Says that the host is fenced. Needs admin rights. */
  forceDown(service: ComputeService, signal: AbortSignal): Promise<OpenStackAnswer> {
    const path = `/os-services/${service.id}`;
    return this.#calls.call({ method: "PUT", path, body: { forced_down: true }, signal });
  }

  #get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<OpenStackAnswer> {
    return this.#calls.call({ method: "GET", path, query, signal });
  }

  async #list(filter: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly Server[]> {
    const servers = new Map<string, Server>();
    let marker: Readonly<Record<string, string>> = {};
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await this.#get("/servers/detail", { ...filter, limit: String(pageSize), ...marker }, signal);
      const list = recordsFrom("listing the servers of the project", answer, "servers");
      const before = servers.size;
      for (const server of list.flatMap((one) => toServer(one) ?? [])) servers.set(server.id, server);
      const last = textIn(list.at(-1), "id");
      // A service may have a smaller page than asked for: only a page without anything new is the last for certain.
      if (last === undefined || servers.size === before || !hasNext(answer.body)) break;
      marker = { marker: last };
    }
    return [...servers.values()];
  }
}

function hasNext(body: unknown): boolean {
  return recordsIn(body, "servers_links")?.some((link) => link.rel === "next") === true;
}

/** Nova's own body: a proxy's 404 proves nothing. */
function isItemNotFound({ status, body }: OpenStackAnswer): boolean {
  return status === 404 && isRecord(body) && isRecord(body.itemNotFound);
}

function toAction(record: JsonRecord): InstanceAction {
  return {
    requestId: textIn(record, "request_id") ?? "",
    action: textIn(record, "action") ?? "",
    message: textIn(record, "message"),
    events: (recordsIn(record, "events") ?? []).map((one) => ({
      event: textIn(one, "event") ?? "",
      result: textIn(one, "result"),
    })),
  };
}
