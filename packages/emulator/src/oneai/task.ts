import { type OneAiError, toOneAiError } from "./errors.ts";
import type { Made } from "./result.ts";
import type { Script } from "./script.ts";

/** What came of the input. */
export type Outcome = { readonly made: Made } | { readonly error: OneAiError };

/** A task. Where it stands follows from its script and the time, and from when its input was had. */
export class Task {
  readonly id: string;
  readonly #script: Script;
  readonly #createdAt: number;
  /** Of the request that made it. */
  readonly #requestId: string;
  #ready: { at: number; outcome: Outcome } | undefined;

  constructor(id: string, script: Script, createdAt: Date, requestId: string) {
    this.id = id;
    this.#script = script;
    this.#createdAt = createdAt.getTime();
    this.#requestId = requestId;
  }

  /** Runs the pretend skills once the input is there. */
  async work(making: Promise<Made>, now: () => Date): Promise<void> {
    const outcome = await making.then(
      (made) => ({ made }),
      (error: unknown) => ({ error: toOneAiError(error) }),
    );
    this.#ready = { at: now().getTime(), outcome };
  }

  /** What came of it, as soon as it is over at this time. */
  outcomeAt(date: Date): Outcome | undefined {
    return date.getTime() < this.#end() ? undefined : this.#ready?.outcome;
  }

  /** As the API shows it at this time. */
  show(date: Date): Record<string, unknown> {
    const { start, errorAt, status } = this.#script;
    const outcome = this.outcomeAt(date);
    const times = {
      task_id: this.id,
      completion_time: outcome === undefined ? null : timestamp(this.#end()),
      creation_time: timestamp(this.#createdAt),
    };
    if (outcome === undefined) {
      const state = date.getTime() < this.#createdAt + start ? "QUEUED" : "RUNNING";
      return { result: null, ...times, status: state };
    }
    if (status !== undefined) return { result: null, ...times, status };
    if ("made" in outcome) return { result: outcome.made.result, ...times, status: "COMPLETED" };
    const error = outcome.error.body(this.#requestId);
    return {
      result: errorAt === "error" ? null : error,
      ...(errorAt === "result" ? {} : { error }),
      ...times,
      status: "FAILED",
    };
  }

  #end(): number {
    const { start, run, never } = this.#script;
    return never ? Infinity : Math.max(this.#createdAt + start + run, this.#ready?.at ?? Infinity);
  }
}

/** ISO 8601 with six digits of a second and without a zone, as recorded. */
function timestamp(time: number): string {
  return new Date(time).toISOString().replace("Z", "000");
}
