import type { Script } from "./pretend-model.ts";

type JobState = "waiting" | "queuing" | "generating" | "success" | "fail";

/** What came out of a job, or why nothing did. */
export type JobOutcome = { readonly result: Record<string, unknown> } | { readonly error: string };

export interface JobDetails {
  readonly id: string;
  readonly model: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly callBackUrl: string | undefined;
  readonly script: Script;
  readonly createdAt: Date;
}

/** Where a job stands at a time. */
export interface JobMoment {
  readonly state: JobState;
  readonly completedAt: number | undefined;
  /** The share of its running time that is over. */
  readonly progress: number;
}

/** A job. Where it stands follows from its script and the clock; its end waits for what it made of its files. */
export class Job {
  readonly details: JobDetails;
  #ready: { readonly at: number; readonly outcome: JobOutcome } | undefined;

  constructor(details: JobDetails) {
    this.details = details;
  }

  /** What it comes to, once it is through with its files. */
  settle(outcome: JobOutcome, now: Date): void {
    this.#ready = { at: now.getTime(), outcome };
  }

  /** Undefined as long as its record is not there. */
  at(now: Date): JobMoment | undefined {
    const { script, createdAt } = this.details;
    const elapsed = now.getTime() - createdAt.getTime();
    const queued = script.early + script.wait;
    const begun = queued + script.queue;
    if (elapsed < script.early) return undefined;
    if (elapsed < queued) return { state: "waiting", completedAt: undefined, progress: 0 };
    if (elapsed < begun) return { state: "queuing", completedAt: undefined, progress: 0 };
    const done = begun + script.run;
    if (script.outcome === "never" || elapsed < done || this.#ready === undefined) {
      const progress = script.run === 0 ? 1 : Math.min(1, (elapsed - begun) / script.run);
      return { state: "generating", completedAt: undefined, progress };
    }
    const completedAt = Math.max(createdAt.getTime() + done, this.#ready.at);
    return { state: this.outcome === undefined ? "fail" : "success", completedAt, progress: 1 };
  }

  /** Whether nothing follows. */
  isOver(now: Date): boolean {
    return this.at(now)?.completedAt !== undefined;
  }

  /** What came out of it, if it is to end well. */
  get outcome(): Record<string, unknown> | undefined {
    if (this.#ready === undefined || "error" in this.#ready.outcome) return undefined;
    return this.details.script.outcome === "fail" ? undefined : this.#ready.outcome.result;
  }

  /** The record as the API shows it; undefined as long as it is not there. */
  record(now: Date): Record<string, unknown> | undefined {
    const moment = this.at(now);
    if (moment === undefined) return undefined;
    const { id, model, input, callBackUrl, script, createdAt } = this.details;
    const { state, completedAt = null, progress } = moment;
    const failed = state === "fail";
    const created = createdAt.getTime();
    return {
      taskId: id,
      model,
      state,
      // Both are JSON inside of JSON.
      param: JSON.stringify({ model, ...(callBackUrl === undefined ? {} : { callBackUrl }), input }),
      resultJson: state === "success" ? JSON.stringify(this.outcome) : "",
      failCode: failed ? this.#failure().code : null,
      failMsg: failed ? this.#failure().message : null,
      costTime: completedAt === null ? null : completedAt - created,
      completeTime: completedAt,
      createTime: created,
      updateTime: completedAt ?? now.getTime(),
      ...(script.progress ? { progress: Math.floor(progress * 100) } : {}),
    };
  }

  #failure(): { code: string; message: string } {
    const { script } = this.details;
    const outcome = this.#ready?.outcome;
    if (outcome !== undefined && "error" in outcome) return { code: "422", message: outcome.error };
    return { code: script.failCode, message: script.failMsg };
  }
}
