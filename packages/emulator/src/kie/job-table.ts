import type { Clock } from "../clock.ts";
import type { Job } from "./job.ts";

/** How long a job's outputs are there. */
const OUTPUT_LIFETIME = 14 * 24 * 3_600_000;
const WINDOW = 10_000;

/** The account: its jobs, its credits, and how many jobs it may begin. */
export class JobTable {
  readonly #clock: Clock;
  readonly #rateLimit: number;
  readonly #jobs = new Map<string, Job>();
  #credits: number;
  /** When the last jobs were created. */
  #recent: number[] = [];

  constructor(clock: Clock, { credits, rateLimit }: { credits: number; rateLimit: number }) {
    this.#clock = clock;
    this.#credits = credits;
    this.#rateLimit = rateLimit;
  }

  get credits(): number {
    return this.#credits;
  }

  /** Whether another job would be more than the account may begin within 10 seconds. */
  isBusy(): boolean {
    const since = this.#clock.now().getTime() - WINDOW;
    this.#recent = this.#recent.filter((time) => time > since);
    return this.#recent.length >= this.#rateLimit;
  }

  /** Takes a job in, and what it costs. */
  add(job: Job): void {
    this.#jobs.set(job.details.id, job);
    this.#credits -= 1;
    this.#recent.push(job.details.createdAt.getTime());
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** The job whose outputs can be downloaded. */
  withOutputs(id: string): Job | undefined {
    const job = this.#jobs.get(id);
    const now = this.#clock.now();
    const { state, completedAt = 0 } = job?.at(now) ?? {};
    return state === "success" && now.getTime() < completedAt + OUTPUT_LIFETIME ? job : undefined;
  }
}
