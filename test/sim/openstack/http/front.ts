import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceFault } from "../../../support/openstack-cloud.ts";
import { Listener } from "../../kube/listener.ts";
import { bodyText } from "../../request-body.ts";
import type { Ids } from "../ids.ts";
import type { Schedule } from "../schedule.ts";
import { type CloudAnswer, page, Refusal } from "./answer.ts";
import type { CloudRequest } from "./request.ts";
import type { RestingCalls } from "./resting-calls.ts";
import type { AnyService, Traffic } from "./traffic.ts";

/** What all fronts share. */
export interface FrontContext {
  readonly schedule: Schedule;
  readonly traffic: Traffic;
  readonly resting: RestingCalls;
  readonly ids: Ids;
}

export type Serve = (request: CloudRequest) => CloudAnswer;

/** One service's socket on 127.0.0.1, with the faults that strike it as a whole. */
export class Front {
  readonly service: AnyService;
  readonly #context: FrontContext;
  readonly #serve: Serve;
  readonly #listener: Listener;
  #fault: ServiceFault | undefined;

  constructor(service: AnyService, context: FrontContext, serve: Serve) {
    this.service = service;
    this.#context = context;
    this.#serve = serve;
    this.#listener = new Listener((incoming, response) => {
      this.#handle(incoming, response).catch((error: unknown) => this.#onBug(error, response));
    });
  }

  /** Without a path; valid once started. */
  get origin(): string {
    return this.#listener.url;
  }

  get port(): number {
    return this.#listener.port;
  }

  start(): Promise<void> {
    return this.#listener.start();
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }

  async setFault(fault: ServiceFault | undefined): Promise<void> {
    const was = this.#fault;
    this.#fault = fault;
    this.#context.resting.cut(this.port);
    if (fault === "refuses") await this.#listener.stop();
    else if (was === "refuses") await this.#listener.start();
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyText(incoming).catch(() => undefined);
    if (body === undefined) return;
    const { traffic, schedule } = this.#context;
    const { method = "GET", url = "/" } = incoming;
    const call = traffic.begin({ service: this.service, method, path: url, body });
    const rest = () => this.#context.resting.add(incoming.socket);
    if (this.#fault === "silent" || traffic.announce(call, "before")) return void rest();
    const delayMs = traffic.delayMs(this.service);
    if (delayMs > 0) {
      const over = rest();
      await schedule.clock.sleep(delayMs, closing(response)).catch(() => undefined);
      over();
      if (response.destroyed) return;
    }
    const fate = this.#fault === undefined ? traffic.take(call) : ({ kind: "serve" } as const);
    const answer = fate.kind === "answer" ? planned(fate.answer) : this.#answer(incoming, body);
    call.status = answer.status;
    if (traffic.announce(call, "after")) return void rest();
    if (fate.kind === "lose-answer") incoming.socket.resetAndDestroy();
    else send(response, answer);
  }

  #answer(incoming: IncomingMessage, body: string): CloudAnswer {
    if (this.#fault === "answers-503") return unavailable;
    if (this.#fault === "talks-nonsense") return nonsense;
    const requestId = this.#context.ids.requestId();
    const headers = { "x-openstack-request-id": requestId };
    try {
      const answer = this.#serve(toRequest(incoming, body, this.origin, requestId));
      return { ...answer, headers: { ...headers, ...answer.headers } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
    }
  }

  #onBug(error: unknown, response: ServerResponse): void {
    this.#context.schedule.bugs.push(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { "Content-Type": "text/plain" }).end(`bug of the simulator: ${error}`);
  }
}

const unavailable = page(503, "Service Unavailable", "No server is available to handle this request.");
/** A login page of somebody else's proxy. */
const nonsense: CloudAnswer = {
  status: 200,
  text: "<html><body><h1>Welcome to the guest network</h1></body></html>",
  headers: { "Content-Type": "text/html" },
};

function planned({
  status,
  body = "",
  headers = {},
}: {
  status: number;
  body?: string;
  headers?: object;
}): CloudAnswer {
  return { status, text: body, headers: { "Content-Type": "application/json", ...headers } };
}

function send(response: ServerResponse, { status, json, text, headers = {} }: CloudAnswer): void {
  const sent = Buffer.from(json === undefined ? (text ?? "") : JSON.stringify(json));
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  const length = status === 204 ? {} : { "Content-Length": sent.length };
  response.writeHead(status, { ...type, ...length, ...headers });
  response.end(status === 204 ? undefined : sent);
}

function toRequest(incoming: IncomingMessage, raw: string, origin: string, requestId: string): CloudRequest {
  const { method = "GET", url = "/", headers } = incoming;
  const { pathname, searchParams } = new URL(url, origin);
  const { body, isBroken } = parse(raw);
  return { method, path: pathname, query: searchParams, headers, body, isBroken, origin, requestId };
}

function parse(raw: string): Pick<CloudRequest, "body" | "isBroken"> {
  if (raw === "") return { body: undefined, isBroken: false };
  try {
    const parsed: unknown = JSON.parse(raw);
    const isUsable = typeof parsed === "object" && parsed !== null;
    return { body: isUsable ? parsed : undefined, isBroken: !isUsable };
  } catch {
    return { body: undefined, isBroken: true };
  }
}

function closing(response: ServerResponse): AbortSignal {
  const closed = new AbortController();
  response.once("close", () => closed.abort(new Error("response closed")));
  return closed.signal;
}
