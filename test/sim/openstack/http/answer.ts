import type { Fields } from "../../kube/object.ts";

/** What a service says. Without `json` and `text` the body is empty. */
export interface CloudAnswer {
  readonly status: number;
  readonly json?: Fields | null;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(status: number, body: Fields | null, headers: Record<string, string> = {}): CloudAnswer {
  return { status, json: body, headers };
}

export function empty(status: number, headers: Record<string, string> = {}): CloudAnswer {
  return { status, headers };
}

/** The page that several services send where a client expects JSON. */
export function page(status: number, title: string, text: string, headers: Record<string, string> = {}): CloudAnswer {
  const heading = `${status} ${title}`;
  return {
    status,
    text: `<html>\n <head>\n  <title>${heading}</title>\n </head>\n <body>\n  <h1>${heading}</h1>\n  ${text}<br /><br />\n\n\n\n </body>\n</html>`,
    headers: { "Content-Type": "text/html; charset=UTF-8", ...headers },
  };
}

/** Thrown by whoever understands that a request cannot be served; each service has its own form of body. */
export class Refusal extends Error {
  readonly answer: CloudAnswer;

  constructor(answer: CloudAnswer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}
