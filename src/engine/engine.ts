import { type Action, type Decision, decide } from "../core/decide.ts";
import { AcesoError, messageOf } from "../core/errors.ts";
import type { NodeFacts, NodeName } from "../core/model.ts";
import { whyRefused } from "../core/open-request.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import { answerRequest } from "../core/requests.ts";
import type { ClusterView } from "../core/view.ts";
import type { Term } from "../ports/leadership.ts";
import { adoptMarks, beginRepair, replaceInvalid } from "./begin.ts";
import { LeaderGauges } from "./gauges.ts";
import { HealthReporter, healthReportOf } from "./health-report.ts";
import { HoldNews } from "./hold-news.ts";
import { LeaseListening } from "./lease-listening.ts";
import { MachineLookout } from "./machine-lookout.ts";
import { Machines } from "./machines.ts";
import { PassiveFindings } from "./passive-findings.ts";
import { PowerHints } from "./power-hints.ts";
import { PowerSurvey } from "./power-survey.ts";
import { Recheck } from "./recheck.ts";
import { refuseConfirmation, refuseStaleRequest } from "./refuse-request.ts";
import { Replacements } from "./replacements.ts";
import { RepairRunner } from "./run-repair.ts";
import type { EngineSettings } from "./settings.ts";
import { Sights } from "./sights.ts";
import { ViewBuilder } from "./view-builder.ts";
import { type Again, WorkQueue } from "./work-queue.ts";
import type { Shift, World } from "./world.ts";

/** Changes within this time are judged together; a pass that takes longer is followed by as long a rest. */
const coalesceMs = 20;
const longestRestMs = 100;
/** A failed look is repeated after this, doubling up to the longest. */
const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** Longest wait for what is still under way when the term ends. */
const stopTimeoutMs = 10_000;

/**
 * One term of the repair engine: watches, decides at every change, carries repairs on. A new term is a new engine:
 * nothing but the journal survives a change of leader.
 */
export class Engine {
  readonly #settings: EngineSettings;
  readonly #shift: Shift;
  readonly #views: ViewBuilder;
  readonly #queue: WorkQueue;
  readonly #runner: RepairRunner;
  readonly #lookout: MachineLookout | undefined;
  readonly #hints: PowerHints | undefined;
  readonly #sights = new Sights();
  readonly #listening: LeaseListening;
  readonly #recheck: Recheck;
  readonly #news: HoldNews;
  readonly #gauges: LeaderGauges;
  readonly #passive: PassiveFindings;
  readonly #health: HealthReporter | undefined;
  readonly #survey: PowerSurvey | undefined;
  readonly #failures = new Map<NodeName, number>();
  #pass: Promise<void> | undefined;
  #isDirty = false;
  #restMs = coalesceMs;
  #beginning: Promise<unknown> = Promise.resolve();

  constructor(settings: EngineSettings, world: World, term: Term) {
    this.#settings = settings;
    const machines = world.provider && new Machines(world.provider, world.clock, world.log);
    this.#passive = new PassiveFindings(settings.passive, world.log, world.meter);
    this.#survey = PowerSurvey.of(settings.passive, world, machines);
    this.#views = new ViewBuilder(settings, world, term, machines, this.#passive, this.#survey);
    this.#shift = {
      ...world,
      term,
      instance: settings.instance,
      machines,
      replacements: world.provider && machines && Replacements.of(world.provider, machines, world.clock),
      view: () => this.#views.build(),
      readEtcd: (signal) => this.#views.readEtcd(signal),
      readPinnedVolumes: (node, signal) => this.#views.readPinnedVolumes(node, signal),
    };
    this.#news = new HoldNews(world);
    const checks = [...settings.passive, ...settings.probes].map((it) => it.id);
    this.#gauges = new LeaderGauges(world.meter, world.clock, term.signal, checks);
    // What would be done is no news for the owner.
    if (!settings.policy.isDryRun)
      this.#health = HealthReporter.of(world.provider, world.clock, world.log, term.signal);
    this.#recheck = new Recheck(world.clock, term.signal, () => this.#changed());
    this.#listening = new LeaseListening(world.nodes, world.clock, term.signal);
    this.#queue = new WorkQueue(
      world.clock,
      (node) => this.#reconcile(node),
      term.signal,
      (node, error) => world.log.error({ node, err: error }, "a node's turn threw something unexpected"),
    );
    this.#runner = new RepairRunner(this.#shift, this.#sights);
    this.#lookout =
      machines && new MachineLookout(machines, world, term.signal, settings.policy, () => this.#changed());
    this.#hints = PowerHints.of(world, machines, term.signal, (node) => this.#lookAtOnce(node));
  }

  /** What decisions look at just now, for people; undefined until everything was read once. */
  look(): ClusterView | undefined {
    return this.#views.isReady ? this.#views.build() : undefined;
  }

  /** Works until the term ends; resolves when everything it began is over, or after 10 s. */
  async run(): Promise<void> {
    const { nodes, journal, reports, pause, term, clock } = this.#shift;
    const stop = [
      nodes.onChange((node) => {
        this.#views.nodeChanged(node);
        this.#hints?.nodeChanged(node);
        this.#changed(node);
      }),
      journal.onChange((node) => this.#changed(node)),
      reports.onChange(() => this.#changed()),
      pause.onChange(() => this.#changed()),
    ];
    const sources = [nodes, journal, reports, pause].map((it) => it.run(term.signal));
    const survey = this.#survey?.run(term.signal, () => this.#changed());
    const hints = this.#hints?.run();
    await Promise.allSettled(sources);
    for (const it of stop) it();
    const over = Promise.all([
      survey,
      hints,
      this.#queue.drained(),
      this.#pass,
      this.#lookout?.drained(),
      this.#health?.drained(),
    ]);
    const enough = new AbortController();
    const tooLong = clock.sleep(stopTimeoutMs, enough.signal).catch(() => undefined);
    await Promise.race([over, tooLong]);
    enough.abort();
  }

  #changed(node?: NodeName): void {
    if (node !== undefined && this.#isOurs(node)) this.#queue.add(node);
    this.#isDirty = true;
    this.#pass ??= this.#judge();
  }

  /** Whether a change of this node concerns a repair: one under way or held, a request, or a record that is nonsense. */
  #isOurs(node: NodeName): boolean {
    const stored = this.#shift.journal.records().get(node);
    if (stored?.kind !== "record") return stored !== undefined;
    const { record } = stored;
    const { request } = record.wishes;
    return (
      isActive(record) || record.phase === "Held" || (request !== undefined && request.id !== record.handledRequest)
    );
  }

  /** The machine's power may have changed: its repair takes the next step now, or the machine is looked at. */
  async #lookAtOnce(node: NodeFacts): Promise<void> {
    this.#shift.machines?.doubt(node.name);
    if (this.#isOurs(node.name)) this.#queue.add(node.name);
    const reading = await this.#lookout?.lookNow(node);
    if (reading === undefined) return;
    if (reading.power === "off")
      this.#shift.log.info({ node: node.name, machine: reading.machine }, "its owner says that the machine went off");
    this.#survey?.note(node, reading);
    this.#changed();
  }

  /** One pass over the whole view; changes that arrive meanwhile make one more. */
  async #judge(): Promise<void> {
    const { clock, term, log } = this.#shift;
    try {
      while (this.#isDirty && !term.signal.aborted) {
        await clock.sleep(this.#restMs, term.signal);
        this.#isDirty = false;
        const begunAt = clock.now().monoMs;
        if (this.#sights.readAt(this.#shift.nodes.lastReadAtMonoMs)) this.#passive.restart();
        const view = this.#views.build();
        if (view === undefined || !this.#views.isReady) continue;
        const decision = decide(view, clock.now());
        this.#restMs = Math.min(longestRestMs, Math.max(coalesceMs, clock.now().monoMs - begunAt));
        await this.#follow(decision, view);
      }
    } catch (error) {
      if (!term.signal.aborted) log.error({ err: error }, "a pass over the nodes was broken off");
    } finally {
      this.#pass = undefined;
      if (this.#isDirty && !term.signal.aborted) this.#pass = this.#judge();
    }
  }

  async #follow(decision: Decision, view: ClusterView): Promise<void> {
    const { term, clock } = this.#shift;
    for (const action of decision.actions) {
      if (action.kind === "start" || action.kind === "adopt-marks") this.#queue.add(action.node.name);
      if (action.kind === "hand-over") await term.release(60_000);
      if (action.kind === "hold" && action.hold.reason === "record-invalid") this.#queue.add(action.node.name);
      if (action.kind === "repairing" && !this.#known(action.node.name)) this.#queue.add(action.node.name);
    }
    const { wallMs } = clock.now();
    // Decisions are about Nodes; a repair goes on without one, and a request is refused without one.
    for (const [name, stored] of view.records) {
      if (stored.kind !== "record") continue;
      const isStale = whyRefused(stored.record, wallMs) !== undefined;
      const isLone = !view.nodes.has(name) && goesOnWithoutNode(stored.record);
      if (isStale || (isLone && !this.#known(name))) this.#queue.add(name);
    }
    this.#gauges.show(decision, view);
    this.#gauges.showQueue(this.#queue.depth);
    this.#news.tell(decision.actions, view);
    this.#health?.note(healthReportOf(decision, view));
    this.#lookout?.watch(decision.look, view.nodes);
    await this.#views.readWhatIsMissing(decision, term.signal);
    if (await this.#listening.hear(decision.listen, view.policy.silenceMs)) this.#changed();
    if (decision.recheckAtMonoMs !== undefined) this.#recheck.in(decision.recheckAtMonoMs - clock.now().monoMs);
  }

  readonly #seenRepairs = new Set<NodeName>();

  /** Repairs found when taking the lead are adopted once; later looks come from changes and waits. */
  #known(node: NodeName): boolean {
    const isKnown = this.#seenRepairs.has(node);
    this.#seenRepairs.add(node);
    return isKnown;
  }

  /** One node's turn. Never throws: a failed look is repeated with growing pauses. */
  async #reconcile(node: NodeName): Promise<Again> {
    const { term, log, meter } = this.#shift;
    try {
      const again = await this.#treat(node);
      this.#failures.delete(node);
      return again;
    } catch (error) {
      if (term.signal.aborted) return undefined;
      const isExpected = error instanceof AcesoError;
      const failures = (this.#failures.get(node) ?? 0) + 1;
      this.#failures.set(node, failures);
      meter.count("aceso_reconcile_errors_total", { code: isExpected ? error.code : "ACESO_BUG" });
      if (isExpected && error.remedy === "re-read")
        log.debug({ node, problem: messageOf(error) }, "the record changed meanwhile; reading it again");
      else
        log[isExpected ? "warn" : "error"](
          { node, err: error },
          `no step could be taken on ${node}: ${messageOf(error)}`,
        );
      const isConflict = isExpected && error.remedy === "re-read" && failures < 5;
      return { afterMs: isConflict ? 100 : Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures, 6)) };
    }
  }

  async #treat(node: NodeName): Promise<Again> {
    const { journal, term, clock } = this.#shift;
    using deadline = clock.deadline(15_000, term.signal);
    const stored = await journal.read(node, deadline.signal);
    if (stored?.kind === "unreadable") {
      if (!stored.unreadable.isNewer) await replaceInvalid(this.#shift, stored.unreadable);
      return undefined;
    }
    const record = stored && (await refuseStaleRequest(this.#shift, stored.record));
    if (record !== undefined && (isActive(record) || record.phase === "Held")) {
      const view = this.#views.build();
      const isSilent = this.#views.isSilent(view, node);
      const answered = answerRequest(
        record,
        record.plan === undefined ? view.policy : this.#settings.policy,
        isSilent,
        clock.now().wallMs,
      );
      const current = answered === undefined ? record : await journal.write(answered, deadline.signal);
      return this.#runner.advance(current);
    }
    const isSilent = () => this.#views.isSilent(this.#views.build(), node);
    if (record !== undefined && (await refuseConfirmation(this.#shift, record, isSilent))) return undefined;
    return this.#beginIfDecided(node);
  }

  /** Begins one at a time, each on a decision that knows of those begun before: the brakes count them. */
  async #beginIfDecided(node: NodeName): Promise<Again> {
    const turn = this.#beginning.then(
      () => this.#beginNow(node),
      () => this.#beginNow(node),
    );
    this.#beginning = turn.catch(() => undefined);
    const begun = await turn;
    return begun === undefined ? undefined : this.#runner.advance(begun);
  }

  async #beginNow(node: NodeName) {
    const action = decide(this.#views.build(), this.#shift.clock.now()).actions.find(
      (it: Action) => it.node.name === node,
    );
    if (action?.kind === "start") return beginRepair(this.#shift, action);
    if (action?.kind === "adopt-marks") return adoptMarks(this.#shift, action);
    return undefined;
  }
}

/** A held repair without a Node waits for the Node, except when another machine is to take its place. */
function goesOnWithoutNode(record: RepairRecord): boolean {
  return isActive(record) || (record.phase === "Held" && record.replacement !== undefined);
}
