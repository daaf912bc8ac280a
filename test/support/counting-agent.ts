import { Agent, type Dispatcher } from "undici";
import { callHeader, instanceHeader } from "../sim/kube/instance.ts";
import type { Activity } from "./quiet.ts";

/** What a simulator says of a numbered call: bytes of body sent, and whether it will send no more by itself. */
export type Progress = (call: string) => { readonly bytesSent: number; readonly isQuiet: boolean } | undefined;

interface Call {
  readonly what: string;
  readonly progressOf: Progress;
  bytesReceived: number;
}

type Headers = Record<string, string | string[]>;

let lastCall = 0;

/**
 * Counts HTTP calls on the client's side. A call is in flight from dispatch to the end of its response, unless the
 * simulator said that it will send no more by itself (a watch at rest, a stalled answer) and all it sent has arrived.
 */
export class CallCounter implements Activity {
  readonly #calls = new Map<string, Call>();
  happenings = 0;

  inFlight(): string[] {
    return [...this.#calls].filter(([id, call]) => !isAtRest(id, call)).map(([, call]) => call.what);
  }

  /** Agent to inject into the code under test. With `instance` the simulator knows its calls by that name. */
  agent(progressOf: Progress, instance?: string, options: Agent.Options = {}): Dispatcher {
    return new Agent(options).compose(this.interceptor(progressOf, instance));
  }

  interceptor(progressOf: Progress, instance?: string): Dispatcher.DispatcherComposeInterceptor {
    return (dispatch) => (options, handler) => {
      const id = String(++lastCall);
      const what = `${options.method} ${options.path}`;
      const call: Call = { what, progressOf, bytesReceived: 0 };
      this.#calls.set(id, call);
      this.happenings += 1;
      const over = () => {
        this.#calls.delete(id);
        this.happenings += 1;
      };
      const received = (bytes: number) => {
        call.bytesReceived += bytes;
        this.happenings += 1;
      };
      const own = { [callHeader]: id, ...(instance === undefined ? {} : { [instanceHeader]: instance }) };
      return dispatch({ ...options, headers: withOwn(options.headers, own) }, counted(handler, received, over));
    };
  }
}

function isAtRest(id: string, call: Call): boolean {
  const progress = call.progressOf(id);
  return progress?.isQuiet === true && progress.bytesSent === call.bytesReceived;
}

function counted(
  handler: Dispatcher.DispatchHandler,
  received: (bytes: number) => void,
  over: () => void,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData(controller, chunk) {
      received(chunk.length);
      return handler.onResponseData?.(controller, chunk);
    },
    onResponseEnd(...args) {
      over();
      return handler.onResponseEnd?.(...args);
    },
    onResponseError(...args) {
      over();
      return handler.onResponseError?.(...args);
    },
  };
}

/** undici takes headers as a flat list, as pairs, or as an object. */
function withOwn(headers: Dispatcher.DispatchOptions["headers"], own: Headers): Headers {
  const all: Headers = { ...own };
  if (headers === null || headers === undefined) return all;
  if (Array.isArray(headers) && typeof headers[0] === "string") {
    for (let at = 0; at < headers.length; at += 2) all[String(headers[at])] = headers[at + 1] ?? "";
    return all;
  }
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const [name, value] of pairs as Iterable<[string, string | string[] | undefined]>)
    if (value !== undefined) all[name] = value;
  return all;
}
