import { serveCinder } from "./cinder/api.ts";
import type { CloudState } from "./cloud-state.ts";
import { serveHeat } from "./heat/api.ts";
import { Front, type Serve } from "./http/front.ts";
import type { CloudRequest } from "./http/request.ts";
import { RestingCalls } from "./http/resting-calls.ts";
import { type AnyService, Traffic } from "./http/traffic.ts";
import { authenticate, type Caller } from "./identity/caller.ts";
import { serveKeystone } from "./keystone/api.ts";
import type { CatalogEntry } from "./keystone/catalog.ts";
import { serveMagnum } from "./magnum/api.ts";
import { serveNova } from "./nova/api.ts";
import type { SimulatedCloudOptions } from "./options.ts";

const catalogTypes: Readonly<Record<AnyService, Pick<CatalogEntry, "type" | "name"> & { readonly path: string }>> = {
  keystone: { type: "identity", name: "keystone", path: "/v3" },
  nova: { type: "compute", name: "nova", path: "/v2.1" },
  heat: { type: "orchestration", name: "heat", path: "/v1/PROJECT" },
  magnum: { type: "container-infra", name: "magnum", path: "/v1" },
  cinder: { type: "volumev3", name: "cinder", path: "/v3/PROJECT" },
};

/** The sockets of all services of one cloud. */
export class Fronts {
  readonly traffic = new Traffic();
  readonly resting = new RestingCalls();
  readonly #fronts = new Map<AnyService, Front>();
  readonly #options: SimulatedCloudOptions;

  constructor(state: CloudState, options: SimulatedCloudOptions) {
    this.#options = options;
    const { compute, stacks, clusters, images, imageId } = state;
    const context = { schedule: state.schedule, traffic: this.traffic, resting: this.resting, ids: state.ids };
    const caller = (request: CloudRequest): Caller => authenticate(state.identity, request, this.authUrl);
    const keystone = { identity: state.identity, ids: state.ids, catalog: () => this.#catalog() };
    const all: Readonly<Record<AnyService, Serve>> = {
      keystone: (request) => serveKeystone(keystone, request),
      nova: (request) => serveNova({ compute, images, authenticate: caller }, request),
      heat: (request) => serveHeat({ stacks, authenticate: caller }, request),
      magnum: (request) => serveMagnum({ clusters, imageId, authenticate: caller }, request),
      cinder: (request) => serveCinder({ compute, authenticate: caller }, request),
    };
    const wanted: readonly AnyService[] = options.services ?? ["heat", "magnum", "cinder"];
    for (const service of ["keystone", "nova", ...wanted] as const) {
      this.#fronts.set(service, new Front(service, context, all[service]));
    }
  }

  get authUrl(): string {
    return `${this.get("keystone").origin}/v3`;
  }

  isOwnPort(port: number): boolean {
    for (const front of this.#fronts.values()) if (front.port === port) return true;
    return false;
  }

  get(service: AnyService): Front {
    const front = this.#fronts.get(service);
    if (front === undefined) throw new Error(`this cloud has no ${service}`);
    return front;
  }

  async start(): Promise<void> {
    for (const front of this.#fronts.values()) await front.start();
  }

  async stop(): Promise<void> {
    for (const front of this.#fronts.values()) await front.stop();
  }

  #catalog(): CatalogEntry[] {
    const { region = "RegionOne", otherRegions = [] } = this.#options;
    return [...this.#fronts.values()].flatMap(({ service, origin }) => {
      const { type, name, path } = catalogTypes[service];
      const here = { type, name, region, url: origin + path };
      // the port of the discard service: nobody listens there
      const elsewhere = otherRegions.map((other) => ({ type, name, region: other, url: `http://127.0.0.1:9${path}` }));
      return [here, ...elsewhere];
    });
  }
}
