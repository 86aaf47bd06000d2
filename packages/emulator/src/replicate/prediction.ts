import type { Script } from "./pretend-model.ts";

export type Status = "starting" | "processing" | "succeeded" | "failed" | "canceled" | "aborted";

/** What came of the inputs: what is put out, or why the model fails. */
export type Outcome = { readonly output: unknown } | { readonly error: string };

/** What a prediction is made with. */
export interface PredictionDetails {
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly deployment: string | undefined;
  /** As it is echoed. */
  readonly input: unknown;
  readonly script: Script;
  readonly createdAt: Date;
  /** Milliseconds after which it is given up. */
  readonly cancelAfter: number | undefined;
  readonly webhook: string | undefined;
  readonly webhookEvents: readonly string[] | undefined;
  /** Where its address space begins. */
  readonly baseUrl: string;
  /** The last part of the address of its event stream; undefined for models that have none. */
  readonly stream: string | undefined;
}

/** Where a prediction stands at a point in time. */
export interface Moment {
  readonly status: Status;
  /** Undefined while there is none. */
  readonly output: unknown;
  readonly error: string | null;
  readonly startedAt: number | undefined;
  readonly completedAt: number | undefined;
}

/** Inputs and outputs are kept for an hour. */
const RETENTION = 3_600_000;

/**
 * A prediction. Where it stands follows from its script and the time alone, so that the emulator's clock can be moved;
 * what is not known beforehand is when its input files were read, and when somebody cancels it.
 */
export class Prediction {
  readonly details: PredictionDetails;
  #ready: { at: number; outcome: Outcome } | undefined;
  #canceledAt: number | undefined;

  constructor(details: PredictionDetails) {
    this.details = details;
  }

  /** The input files have been read. */
  settle(outcome: Outcome, now: Date): void {
    this.#ready = { at: now.getTime(), outcome };
  }

  cancel(now: Date): void {
    if (!isOver(this.at(now).status)) this.#canceledAt = now.getTime();
  }

  /** Whether its input and output are gone, at this time. */
  isRemoved(now: Date): boolean {
    const { completedAt } = this.at(now);
    return completedAt !== undefined && now.getTime() - completedAt >= RETENTION;
  }

  at(date: Date): Moment {
    const now = date.getTime();
    const { script, createdAt, cancelAfter = Infinity } = this.details;
    const created = createdAt.getTime();
    const begin = created + script.start;
    const end = script.outcome === "never" ? Infinity : Math.max(begin + script.run, this.#ready?.at ?? Infinity);
    const stop = Math.min(created + cancelAfter, this.#canceledAt ?? Infinity);
    const moment = { output: undefined, error: null, startedAt: undefined, completedAt: undefined };

    if (Math.min(now, stop) < begin || script.outcome === "aborted") {
      const abort = script.outcome === "aborted" ? begin : Infinity;
      const over = Math.min(stop, abort);
      if (now < over) return { ...moment, status: "starting" };
      const status = this.#canceledAt === over ? "canceled" : "aborted";
      return { ...moment, status, output: null, completedAt: over };
    }
    if (stop <= now && stop < end) {
      return { ...moment, status: "canceled", output: null, startedAt: begin, completedAt: stop };
    }
    if (now < end) {
      return { ...moment, status: "processing", startedAt: begin, output: this.#soFar((now - begin) / (end - begin)) };
    }
    const over = { startedAt: begin, completedAt: end };
    const outcome = this.#ready?.outcome ?? { error: "" };
    if ("error" in outcome) return { ...over, status: "failed", output: null, error: outcome.error };
    if (script.outcome === "failed") return { ...over, status: "failed", output: null, error: script.error };
    return { ...over, status: "succeeded", output: outcome.output, error: null };
  }

  /** What there is of the output while it is being made: texts grow, all else comes at the end. */
  #soFar(progress: number): unknown {
    const outcome = this.#ready?.outcome;
    if (outcome === undefined || "error" in outcome) return undefined;
    const { answer, kind, outcome: wanted } = this.details.script;
    if (answer === "early") return outcome.output;
    if (answer === "empty" || kind !== "text" || !Array.isArray(outcome.output)) return undefined;
    const share = answer === "partial" ? 0.5 : wanted === "never" ? 1 : progress;
    const pieces = outcome.output.slice(0, Math.floor(share * outcome.output.length));
    return pieces.length === 0 ? undefined : pieces;
  }
}

/** Whether nothing follows. */
export function isOver(status: Status): boolean {
  return status !== "starting" && status !== "processing";
}
