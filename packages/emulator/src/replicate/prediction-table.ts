import type { Clock } from "../clock.ts";
import { isOver, type Prediction } from "./prediction.ts";

/** The predictions of the account. */
export class PredictionTable {
  readonly #clock: Clock;
  readonly #predictions = new Map<string, Prediction>();
  readonly #streams = new Map<string, Prediction>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(prediction: Prediction): void {
    const { id, stream } = prediction.details;
    this.#predictions.set(id, prediction);
    if (stream !== undefined) this.#streams.set(stream, prediction);
  }

  get(id: string): Prediction | undefined {
    return this.#predictions.get(id);
  }

  /** The prediction whose event stream has this for the last part of its address. */
  byStream(stream: string): Prediction | undefined {
    return this.#streams.get(stream);
  }

  /** Newest first. */
  list(): Prediction[] {
    return [...this.#predictions.values()].reverse();
  }

  /** A prediction as the API shows it now. */
  show(prediction: Prediction): Record<string, unknown> {
    const now = this.#clock.now();
    const { details } = prediction;
    const { id, model, version, deployment, baseUrl, stream, createdAt, cancelAfter, webhook, webhookEvents } = details;
    const { status, output, error, startedAt, completedAt } = prediction.at(now);
    const removed = prediction.isRemoved(now);
    return {
      id,
      model,
      version,
      ...(deployment === undefined ? {} : { deployment }),
      input: removed ? {} : details.input,
      ...(output === undefined ? {} : { output: removed ? null : output }),
      logs: logsAt(prediction, now, removed),
      error,
      status,
      source: "api",
      data_removed: removed,
      created_at: createdAt.toISOString(),
      ...(startedAt === undefined ? {} : { started_at: isoWithDigits(startedAt, 6) }),
      ...(completedAt === undefined ? {} : { completed_at: isoWithDigits(completedAt, 9) }),
      ...(cancelAfter === undefined ? {} : { deadline: isoWithDigits(createdAt.getTime() + cancelAfter, 3) }),
      ...(isOver(status) ? { metrics: metricsOf(createdAt.getTime(), startedAt, completedAt ?? now.getTime()) } : {}),
      ...(webhook === undefined ? {} : { webhook, webhook_completed: null }),
      ...(webhookEvents === undefined ? {} : { webhook_events_filter: webhookEvents }),
      urls: {
        cancel: `${baseUrl}/predictions/${id}/cancel`,
        get: `${baseUrl}/predictions/${id}`,
        ...(stream === undefined ? {} : { stream: `${baseUrl}/streams/${stream}` }),
        web: `https://replicate.com/p/${id}`,
      },
    };
  }
}

/** What a prediction has logged; null, as recorded, once it was canceled. */
function logsAt(prediction: Prediction, now: Date, removed: boolean): string | null {
  const { status, startedAt } = prediction.at(now);
  if (status === "canceled") return null;
  return startedAt === undefined || removed ? "" : `Running ${prediction.details.model}\n`;
}

/** The service writes fractions of 3 to 9 digits. */
function isoWithDigits(time: number, digits: number): string {
  return new Date(time).toISOString().replace("Z", `${"0".repeat(digits - 3)}Z`);
}

function metricsOf(created: number, started: number | undefined, completed: number): Record<string, number> {
  const predict = started === undefined ? 0 : (completed - started) / 1000;
  return { predict_time: predict, total_time: (completed - created) / 1000 };
}
