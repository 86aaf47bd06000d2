import type { Clock } from "@sluice/retry";
import { type Rules, rulesOf } from "./_rules.ts";
import { Turns, type Waiting } from "./_turns.ts";
import { stateOf, type Watch, watchOf } from "./_watch.ts";
import { PollDeadlineError } from "./poll-deadline-error.ts";
import type { PollStreamOptions } from "./poll-stream.ts";
import type { Settled } from "./settled.ts";
import { StalledError } from "./stalled-error.ts";
import type { Snapshot, Task, TaskContext } from "./task.ts";

/** Whoever wants to know about a task, and from when until when. */
interface Follower<Result> {
  readonly task: Task<Result>;
  readonly started: number;
  readonly deadline: number;
}

/** A task, and those who want to know about it. */
class Entry<Result> implements Waiting {
  place = -1;
  /** Cuts the read under way, if one is. */
  stop: AbortController | undefined;
  /** When that read has taken too long. */
  stalls: number = Infinity;
  /** In the order of their deadlines, where there are more than the first; that is the entry itself. */
  followers: Follower<Result>[] | undefined;
  readonly key: string;
  readonly watch: Watch<Result>;
  readonly #pool: Pool<Result>;

  constructor(watch: Watch<Result>, pool: Pool<Result>) {
    this.key = JSON.stringify([watch.task.provider, watch.task.id]);
    this.watch = watch;
    this.#pool = pool;
  }

  get due(): number {
    return this.watch.due;
  }

  get until(): number {
    return this.watch.deadline;
  }

  go(): void {
    this.#pool.round(this);
  }
}

/** Follows any number of tasks under one limiter and tells the end of each; a failure is an end like any other. */
export class Pool<Result> {
  /** Tasks whose end has not been told. */
  running = 0;
  readonly #options: PollStreamOptions<Result>;
  readonly #rules: Rules<Result>;
  readonly #clock: Clock;
  readonly #readTimeout: number;
  readonly #turns: Turns;
  readonly #tell: (settled: Settled<Result>) => void;
  /** In the order of their deadlines: all have the same time, and who gets more is put at the end again. */
  readonly #entries = new Map<string, Entry<Result>>();
  #reading = 0;
  /** No read has taken too long before. A set of those under way would be garbage all the time. */
  #stallAt = Infinity;

  constructor(options: PollStreamOptions<Result>, clock: Clock, tell: (settled: Settled<Result>) => void) {
    const { rate = Infinity, concurrency = 64, readTimeout = 60_000 } = options;
    this.#options = options;
    this.#rules = rulesOf(options, clock);
    this.#clock = clock;
    this.#readTimeout = readTimeout;
    this.#turns = new Turns(clock, rate, concurrency, (now) => this.#expire(now));
    this.#tell = tell;
  }

  add(task: Task<Result>): void {
    const entry = new Entry(watchOf(task, this.#clock, this.#options.deadline), this);
    const known = this.#entries.get(entry.key);
    this.running += 1;
    if (known) {
      const { started, deadline } = entry.watch;
      known.followers ??= [{ task: known.watch.task, started: known.watch.started, deadline: known.watch.deadline }];
      known.followers.push({ task, started, deadline });
    } else {
      this.#entries.set(entry.key, entry);
      this.#turns.add(entry);
    }
  }

  /** Stops everything at once; resolves when the remote tasks are cancelled, if they are to be. Never rejects. */
  async stop(reason: unknown): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#turns.clear();
    for (const entry of entries) this.#cut(entry, reason);
    if (this.#options.cancelOnAbort) await Promise.all(entries.map((entry) => this.#cancel(entry)));
  }

  /** Ends those whose time is up, and the reads that take too long; says when that of the next one may be. */
  #expire(now: number): number {
    if (this.#stallAt <= now) {
      this.#stallAt = Infinity;
      for (const entry of this.#entries.values()) {
        if (entry.stalls <= now) {
          const error = new StalledError(entry.watch.task, `did not answer within ${this.#readTimeout} ms`);
          this.#cut(entry, error, this.#rules.fail);
        }
        this.#stallAt = Math.min(this.#stallAt, entry.stalls);
      }
    }
    for (const entry of this.#entries.values()) {
      if (entry.until > now) return Math.min(this.#stallAt, entry.until);
      this.#cut(entry);
      this.#turns.remove(entry);
      this.#end(entry);
    }
    return this.#stallAt;
  }

  /** A read costs few objects: thousands are garbage in a second. */
  round(entry: Entry<Result>): void {
    const { watch } = entry;
    const stop = new AbortController();
    const failed = (error: unknown): void => this.#ended(entry, stop, this.#rules.fail, error);
    entry.stop = stop;
    entry.stalls = this.#clock.now() + this.#readTimeout;
    this.#stallAt = Math.min(this.#stallAt, entry.stalls);
    this.#reading += 1;
    watch.attempts += 1;
    try {
      const reading = watch.task.read({ signal: stop.signal, attempt: watch.attempts });
      Promise.resolve(reading).then((value) => this.#ended(entry, stop, this.#rules.accept, value), failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Ends the read under way, if one is; a read may be said to have failed. */
  #cut(entry: Entry<Result>, reason?: unknown, fail?: Rules<Result>["fail"]): void {
    const { stop } = entry;
    if (!stop) return;
    this.#ended(entry, stop, fail, reason);
    stop.abort(reason);
  }

  #ended<Outcome>(
    entry: Entry<Result>,
    stop: AbortController,
    meaning: ((watch: Watch<Result>, outcome: Outcome) => Snapshot<Result> | undefined) | undefined,
    outcome: Outcome,
  ): void {
    // However a read ends that was cut is ignored.
    if (entry.stop !== stop) return;
    const { watch } = entry;
    entry.stop = undefined;
    entry.stalls = Infinity;
    this.#reading -= 1;
    if (this.#reading === 0) this.#stallAt = Infinity;
    let snapshot: Snapshot<Result> | undefined;
    let failure: { error: unknown } | undefined;
    try {
      snapshot = meaning?.(watch, outcome);
      if (snapshot) this.#options.onSnapshot?.(snapshot, watch.task);
    } catch (error) {
      failure = { error };
    }
    if (this.#entries.get(entry.key) === entry) {
      if (failure || watch.over) this.#end(entry, snapshot, failure);
      else if (meaning) this.#turns.add(entry);
    }
    this.#turns.leave();
  }

  /** With neither a last snapshot nor a failure it is the deadline that has come. Never rejects. */
  async #end(entry: Entry<Result>, snapshot?: Snapshot<Result>, failure?: { readonly error: unknown }): Promise<void> {
    const { key, until, watch } = entry;
    const late = !snapshot && !failure;
    const { followers = [watch] } = entry;
    const ended = followers.filter(({ deadline }) => !late || deadline <= until);
    entry.followers = followers.slice(ended.length);
    // Whoever writes the same task from now on has it followed anew.
    this.#entries.delete(key);
    const [next] = entry.followers;
    if (next) {
      watch.deadline = next.deadline;
      this.#entries.set(key, entry);
      this.#turns.add(entry);
    } else if (late && this.#options.cancelOnDeadline) await this.#cancel(entry);
    for (const { task, started, deadline } of ended) {
      this.running -= 1;
      if (snapshot && !failure) {
        this.#tell({ ...snapshot, task });
        continue;
      }
      const pending = stateOf({ ...watch, started, deadline });
      const error = failure ? failure.error : new PollDeadlineError(pending, watch.failure);
      this.#tell({ task, state: "failed", error, pending });
    }
  }

  /** In its turn, as the reads are. */
  async #cancel({ watch }: Entry<Result>): Promise<void> {
    const { task } = watch;
    if (!task.cancel) return;
    const cancel = async (context: TaskContext): Promise<void> => {
      await new Promise<void>((go) => {
        const waiting: Waiting = { due: -Infinity, place: -1, go };
        context.signal.addEventListener("abort", () => this.#turns.remove(waiting));
        this.#turns.add(waiting);
      });
      try {
        await task.cancel?.(context);
      } finally {
        this.#turns.leave();
      }
    };
    const { id, provider, read } = task;
    await this.#rules.cancel({ ...watch, task: { id, provider, read, cancel } });
  }
}
