import { systemClock } from "@sluice/retry";
import { HeldJournal } from "./_held-journal.ts";
import { isRefusal } from "./_is-refusal.ts";
import type { JobRecord } from "./_job-record.ts";
import type { Recorded } from "./_read-record.ts";
import { runStep } from "./_run-step.ts";
import type { AnyJob, StepContext } from "./job.ts";
import type { JobOptions } from "./job-options.ts";
import { NotRecordedError } from "./not-recorded-error.ts";
import { nameOf, StartUnknownError } from "./start-unknown-error.ts";

/** How a step is made, and what uploads it leaves in the journal. */
interface Step {
  readonly name: "send" | "start";
  readonly run: () => Promise<unknown>;
  /** Keys that can be forgotten when what the step resolved to is written down. */
  readonly leftover: ReadonlySet<string>;
}

/** The steps of a job up to its task: what is written down is not done again. */
export class JobSteps<Result> {
  readonly #job: AnyJob<Result> & JobOptions<unknown, Result>;
  readonly #record: JobRecord;

  constructor(job: AnyJob<Result> & JobOptions<unknown, Result>, record: JobRecord) {
    this.#job = job;
    this.#record = record;
  }

  /** What was started: written down, known by the caller, or made now. */
  async started(found: Recorded | undefined): Promise<unknown> {
    const { started: given, startAgain, start, onEvent, onProgress } = this.#job;
    const { sent, starting, started, leftover = [] } = found ?? {};
    await this.#forget(leftover);
    const step = started ? "task" : sent && start ? "start" : "send";
    if (found) onEvent?.({ type: "resume", step });
    if (started) return started.value;
    if (given !== undefined) {
      await this.#writeStarted(given, []);
      return given;
    }
    if (starting && !startAgain) {
      const lost = "an earlier run set about it, and did not write down what came of it";
      const why = starting.at === undefined ? "the journal that could tell was damaged" : lost;
      throw this.#unknown(why, sent?.value, starting.at);
    }
    if (!start) return this.#once(this.#step("send"));
    const value = sent ? sent.value : await this.#send();
    onProgress?.({ step: "start" });
    return this.#once(this.#step("start", value), value);
  }

  async #send(): Promise<unknown> {
    const { name, run, leftover } = this.#step("send");
    const sent = await run().catch((error: unknown) => {
      // Whatever a step makes of the abort, that is the reason.
      this.#job.signal?.throwIfAborted();
      throw error;
    });
    await this.#record.sent(sent, [...leftover]).catch((error: unknown) => {
      throw error instanceof TypeError ? this.#noJson(name, error) : error;
    });
    await this.#forget(leftover);
    return sent;
  }

  /** Does what must not be done twice: between two entries, so that a run that finds the first alone knows. */
  async #once({ run, leftover }: Step, sent?: unknown): Promise<unknown> {
    const { signal } = this.#job;
    signal?.throwIfAborted();
    const at = await this.#record.starting();
    let begun = false;
    let started: unknown;
    try {
      signal?.throwIfAborted();
      begun = true;
      started = await run();
    } catch (error) {
      const refused = !begun || isRefusal(error);
      if (refused) await this.#record.refused();
      signal?.throwIfAborted();
      throw refused ? error : this.#unknown("that got no clear answer", sent, at, { cause: error });
    }
    await this.#writeStarted(started, [...leftover]);
    await this.#forget(leftover);
    return started;
  }

  async #writeStarted(started: unknown, leftover: readonly string[]): Promise<void> {
    const { start, journal, key } = this.#job;
    try {
      await this.#record.started(started, leftover);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw new NotRecordedError(journal && key, started, { cause });
      throw Object.assign(this.#noJson(start ? "start" : "send", cause), { started });
    }
  }

  async #forget(keys: Iterable<string>): Promise<void> {
    for (const key of keys) await this.#record.remove(key);
  }

  #step(name: "send" | "start", sent?: unknown): Step {
    const job = this.#job;
    const { signal, cleanupTimeout = 10_000, clock = systemClock, onProgress } = job;
    const held = job.journal && new HeldJournal(job.journal);
    const common: Omit<StepContext, "signal"> = {
      journal: held,
      key: job.journal && JSON.stringify([job.key, name]),
      onProgress(bytes) {
        const { sent, total } = bytes;
        const fraction = total === undefined ? undefined : total === 0 ? 1 : sent / total;
        onProgress?.({ step: name, fraction, bytes });
      },
    };
    const run = async (): Promise<unknown> => {
      const step = (signal: AbortSignal): Promise<unknown> | undefined =>
        name === "start" ? job.start?.(sent, { ...common, signal }) : job.send({ ...common, signal });
      return runStep(async (signal) => step(signal), { signal, cleanupTimeout, clock }, name === "start");
    };
    return { name, run, leftover: held?.removals ?? new Set() };
  }

  #unknown(why: string, sent: unknown, since?: number, options?: ErrorOptions): StartUnknownError {
    const { journal, key } = this.#job;
    return new StartUnknownError(journal && key, why, sent, since, options);
  }

  #noJson(step: string, cause: TypeError): TypeError {
    return new TypeError(
      `Cannot run ${nameOf(this.#job.journal && this.#job.key)}: what "${step}" resolves to must be plain JSON. ${cause.message}`,
      { cause },
    );
  }
}
