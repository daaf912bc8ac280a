import type { ObserverView } from "../core/model.ts";
import type { Log } from "../ports/log.ts";
import type { Report, ReportPublisher, ReportWatch } from "../ports/reports.ts";
import { blindMs } from "./lease-sight.ts";
import { objectPath, reportsPath } from "./paths.ts";
import { Reflector } from "./reflector.ts";
import { fromReport, type SeenReport, toReportSpec } from "./report-codec.ts";
import type { KubeRest } from "./rest.ts";
import { ConflictError, NotFoundError } from "./status-error.ts";

const apiVersion = "aceso.dev/v1alpha1";
const resource = "observerreports";

/** The Pod that writes a report; the report is collected with it. */
export interface ReportOwner {
  readonly name: string;
  readonly uid: string;
}

/** Writes this replica's ObserverReport, named after the instance. */
export class KubeReportPublisher implements ReportPublisher {
  readonly #rest: KubeRest;
  readonly #namespace: string;
  readonly #owner: ReportOwner | undefined;

  constructor(rest: KubeRest, namespace: string, owner?: ReportOwner) {
    this.#rest = rest;
    this.#namespace = namespace;
    this.#owner = owner;
  }

  async publish(report: Report, signal: AbortSignal): Promise<void> {
    const name = objectName(report.instance);
    const spec = toReportSpec(report);
    const path = objectPath(reportsPath(this.#namespace), name);
    const patch = () => this.#rest.call({ method: "PATCH", path, resource, body: { spec }, signal });
    try {
      await patch();
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await this.#create(name, spec, signal).catch(async (problem: unknown) => {
        if (!(problem instanceof ConflictError)) throw problem;
        await patch();
      });
    }
  }

  async #create(name: string, spec: object, signal: AbortSignal): Promise<void> {
    const owner = this.#owner && { apiVersion: "v1", kind: "Pod", name: this.#owner.name, uid: this.#owner.uid };
    const metadata = { name, namespace: this.#namespace, ...(owner && { ownerReferences: [owner] }) };
    const body = { apiVersion, kind: "ObserverReport", metadata, spec };
    await this.#rest.call({ method: "POST", path: reportsPath(this.#namespace), resource, body, signal });
  }
}

/** All replicas' reports, as last watched. */
export class KubeReportWatch implements ReportWatch {
  readonly #reflector: Reflector<SeenReport>;

  constructor(rest: KubeRest, log: Log, namespace: string) {
    const { clock } = rest.parts;
    this.#reflector = new Reflector<SeenReport>(rest, log, {
      path: reportsPath(namespace),
      resource,
      project: (object) => fromReport(object, this.#reflector.items.get(object.metadata?.name ?? ""), clock.now()),
      onAlive: (blindForMs) => {
        if (blindForMs >= blindMs) this.#restartAges(clock.now().monoMs);
      },
    });
  }

  get isSynced(): boolean {
    return this.#reflector.isSynced;
  }

  reports(): readonly ObserverView[] {
    return [...this.#reflector.items.values()].map(({ view }) => view);
  }

  onChange(listener: () => void): () => void {
    return this.#reflector.onChange(() => listener());
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.run(signal);
  }

  /** We were blind for too long to say that a failure lasted all the time. */
  #restartAges(monoMs: number): void {
    this.#reflector.replace(({ view, resourceVersion }) => ({
      resourceVersion,
      view: { ...view, failing: view.failing.map((failure) => ({ ...failure, firstSeenMonoMs: monoMs })) },
    }));
  }
}

/** A valid object name for an instance, which may hold other characters. */
function objectName(instance: string): string {
  const name = instance
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .slice(0, 253);
  return name.replace(/^[.-]+|[.-]+$/g, "") || "observer";
}
