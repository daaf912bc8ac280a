import { Compute } from "./compute/compute.ts";
import { Clusters } from "./containers/clusters.ts";
import type { Project, User } from "./identity/accounts.ts";
import { Identity } from "./identity/identity.ts";
import { Ids } from "./ids.ts";
import type { SimulatedCloudOptions } from "./options.ts";
import { Stacks } from "./orchestration/stacks.ts";
import { Schedule } from "./schedule.ts";
import { type CloudTimings, defaultTimings } from "./timings.ts";

/** Everything that the services remember, and the accounts that every cloud begins with. */
export class CloudState {
  readonly timings: CloudTimings;
  readonly ids: Ids;
  readonly schedule: Schedule;
  readonly identity: Identity;
  readonly compute: Compute;
  readonly stacks: Stacks;
  readonly clusters: Clusters;
  readonly project: Project;
  /** Whose account the code under test uses: no admin. */
  readonly healer: User;
  readonly admin: User;
  readonly imageId: string;
  readonly images: Set<string>;

  constructor(options: SimulatedCloudOptions) {
    this.timings = { ...defaultTimings, ...options.timings };
    this.ids = new Ids(options.seed ?? "cloud");
    this.schedule = new Schedule(options.clock);
    this.identity = new Identity(this.ids, this.schedule, this.timings.tokenLifetimeMs);
    this.compute = new Compute(this.ids, this.schedule, this.timings, options.computeHosts ?? 2);
    this.stacks = new Stacks(this.compute, this.ids);
    this.clusters = new Clusters(this.stacks, this.ids, this.schedule, this.timings);
    this.project = this.identity.addProject("k8s");
    const inProject = (roles: readonly string[]) => ({ [this.project.id]: roles });
    this.healer = this.identity.addUser({
      name: "healer",
      password: this.ids.secret(),
      defaultProjectId: this.project.id,
      roles: inProject(["member", "heat_stack_owner"]),
    });
    this.admin = this.identity.addUser({
      name: "admin",
      password: this.ids.secret(),
      defaultProjectId: undefined,
      roles: inProject(["admin"]),
    });
    this.imageId = this.ids.uuid();
    this.images = new Set([this.imageId]);
  }
}
