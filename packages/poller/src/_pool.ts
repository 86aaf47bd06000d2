import type { Clock } from "@sluice/retry";
import { type Rules, rulesOf } from "./_rules.ts";
import { Turns, type Waiting } from "./_turns.ts";
import type { Watch } from "./_watch.ts";
import { PollDeadlineError } from "./poll-deadline-error.ts";
import type { PollState } from "./poll-state.ts";
import type { PollStreamOptions } from "./poll-stream.ts";
import type { Settled } from "./settled.ts";
import { StalledError } from "./stalled-error.ts";
import type { Task } from "./task.ts";

/** Whoever wants to know about a task, and from when until when. */
interface Follower<Result> extends Pick<PollState, "started" | "deadline"> {
  readonly task: Task<Result>;
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
    return this.watch.state.due;
  }

  get until(): number {
    return this.watch.state.deadline ?? Infinity;
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
    this.#rules = rulesOf(options);
    this.#clock = clock;
    this.#readTimeout = readTimeout;
    this.#turns = new Turns(clock, rate, concurrency, (now) => this.#expire(now));
    this.#tell = tell;
  }

  add(task: Task<Result>): void {
    const entry = new Entry(this.#rules.begin(task), this);
    const known = this.#entries.get(entry.key);
    this.running += 1;
    if (known) {
      const { started, deadline } = entry.watch.state;
      known.followers ??= [{ task: known.watch.task, ...known.watch.state }];
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
          const error = new StalledError(entry.watch.task as Task, `did not answer within ${this.#readTimeout} ms`);
          this.#cut(entry, error, () => this.#rules.fail(entry.watch, error));
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
    const { signal } = stop;
    const ended = (settle: () => void): void => {
      // However a read ends that was cut is ignored.
      if (!signal.aborted) this.#ended(entry, settle);
    };
    const failed = (error: unknown): void => ended(() => this.#rules.fail(watch, error));
    entry.stop = stop;
    entry.stalls = this.#clock.now() + this.#readTimeout;
    this.#stallAt = Math.min(this.#stallAt, entry.stalls);
    this.#reading += 1;
    try {
      const reading = watch.task.read({ signal, attempt: ++watch.state.attempts });
      Promise.resolve(reading).then((value) => ended(() => this.#rules.succeed(watch, value)), failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Ends the read under way, if one is; what it comes to is then up to `settle`. */
  #cut(entry: Entry<Result>, reason?: unknown, settle?: () => void): void {
    if (!entry.stop) return;
    entry.stop.abort(reason);
    this.#ended(entry, settle);
  }

  #ended(entry: Entry<Result>, settle?: () => void): void {
    const { watch } = entry;
    entry.stop = undefined;
    entry.stalls = Infinity;
    this.#reading -= 1;
    if (this.#reading === 0) this.#stallAt = Infinity;
    let failure: { error: unknown } | undefined;
    try {
      settle?.();
      if (watch.news) this.#options.onSnapshot?.(watch.news, watch.task);
    } catch (error) {
      failure = { error };
    }
    if (this.#entries.get(entry.key) === entry) {
      if (failure || watch.over) this.#end(entry, failure);
      else {
        watch.news = undefined;
        this.#turns.add(entry);
      }
    }
    this.#turns.leave();
  }

  /** With neither a last snapshot nor a failure it is the deadline that has come. Never rejects. */
  async #end(entry: Entry<Result>, failure?: { readonly error: unknown }): Promise<void> {
    const { key, until, watch } = entry;
    const { state, news } = watch;
    const late = !news && !failure;
    const { followers = [{ task: watch.task, ...state }] } = entry;
    const ended = followers.filter(({ deadline = Infinity }) => !late || deadline <= until);
    entry.followers = followers.slice(ended.length);
    // Whoever writes the same task from now on has it followed anew.
    this.#entries.delete(key);
    const [next] = entry.followers;
    if (next) {
      state.deadline = next.deadline;
      this.#entries.set(key, entry);
      this.#turns.add(entry);
    } else if (late && this.#options.cancelOnDeadline) await this.#cancel(entry);
    for (const { task, started, deadline } of ended) {
      this.running -= 1;
      const pending = { ...state, started, deadline };
      const error = failure ? failure.error : new PollDeadlineError(pending, watch.failure);
      this.#tell(news && !failure ? { ...news, task } : { task, state: "failed", error, pending });
    }
  }

  /** In its turn, as the reads are. */
  #cancel({ watch }: Entry<Result>): Promise<void> {
    return this.#rules.cancel(watch, async (context) => {
      await new Promise<void>((go) => {
        const waiting: Waiting = { due: -Infinity, place: -1, go };
        context.signal.addEventListener("abort", () => this.#turns.remove(waiting));
        this.#turns.add(waiting);
      });
      try {
        await watch.task.cancel?.(context);
      } finally {
        this.#turns.leave();
      }
    });
  }
}
