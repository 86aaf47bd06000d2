import type { Clock } from "@sluice/retry";
import { cancelTask } from "./_cancel-task.ts";
import { Turns, type Waiting } from "./_turns.ts";
import { isFinal, Watch } from "./_watch.ts";
import type { PollStreamOptions } from "./poll-stream.ts";
import type { Settled } from "./settled.ts";
import type { Snapshot, Task } from "./task.ts";

/** Whoever wants to know about a task, and from when until when. */
interface Follower<Result> {
  readonly task: Task<Result>;
  readonly started: number;
  readonly until: number;
}

/** A task, and those who want to know about it: one object for each task in flight, since there are thousands. */
class Entry<Result> extends Watch<Result> implements Waiting {
  place = -1;
  /** When the read under way, if one is, has taken too long. */
  stalls: number = Infinity;
  /** In the order of their deadlines, where there are more than the first; that is the entry itself. */
  followers: Follower<Result>[] | undefined;
  readonly key: string;
  readonly #pool: Pool<Result>;

  constructor(task: Task<Result>, pool: Pool<Result>, options: PollStreamOptions<Result>, clock: Clock) {
    super(task, options, clock);
    this.key = JSON.stringify([task.provider, task.id]);
    this.#pool = pool;
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
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #tell: (settled: Settled<Result>) => void;
  /** In the order of their deadlines: all have the same time, and who gets more is put at the end again. */
  readonly #entries = new Map<string, Entry<Result>>();
  #reading = 0;
  /** No read has taken too long before. A set of those under way would be garbage all the time. */
  #stallAt = Infinity;

  constructor(options: PollStreamOptions<Result>, clock: Clock, tell: (settled: Settled<Result>) => void) {
    const { rate = Infinity, concurrency = 64 } = options;
    this.#options = options;
    this.#clock = clock;
    this.#turns = new Turns(clock, rate, concurrency, (now) => this.#expire(now));
    this.#tell = tell;
  }

  add(task: Task<Result>): void {
    const entry = new Entry(task, this, this.#options, this.#clock);
    const known = this.#entries.get(entry.key);
    this.running += 1;
    if (known) {
      const { started, until } = entry;
      known.followers ??= [{ task: known.task, started: known.started, until: known.until }];
      known.followers.push({ task, started, until });
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
    for (const entry of entries) entry.cut?.(reason);
    if (this.#options.cancelOnAbort) await Promise.all(entries.map((entry) => this.#cancel(entry)));
  }

  /** Ends those whose time is up, and the reads that take too long; says when that of the next one may be. */
  #expire(now: number): number {
    if (this.#stallAt <= now) {
      this.#stallAt = Infinity;
      for (const entry of this.#entries.values()) {
        if (entry.stalls <= now) entry.stall();
        this.#stallAt = Math.min(this.#stallAt, entry.stalls);
      }
    }
    for (const entry of this.#entries.values()) {
      if (entry.until > now) return Math.min(this.#stallAt, entry.until);
      entry.cut?.();
      this.#turns.remove(entry);
      this.#end(entry);
    }
    return this.#stallAt;
  }

  round(entry: Entry<Result>): void {
    entry.stalls = entry.readEnd;
    this.#stallAt = Math.min(this.#stallAt, entry.stalls);
    this.#reading += 1;
    entry.read((snapshot, failure) => {
      entry.stalls = Infinity;
      this.#reading -= 1;
      if (this.#reading === 0) this.#stallAt = Infinity;
      try {
        if (snapshot) this.#options.onSnapshot?.(snapshot, entry.task);
      } catch (error) {
        failure = { error };
      }
      if (this.#entries.get(entry.key) === entry) {
        if (failure || (snapshot && isFinal(snapshot))) this.#end(entry, snapshot, failure);
        else this.#turns.add(entry);
      }
      this.#turns.leave();
    });
  }

  /** With neither a snapshot nor a failure it is the deadline that has come. Never rejects. */
  async #end(entry: Entry<Result>, snapshot?: Snapshot<Result>, failure?: { readonly error: unknown }): Promise<void> {
    const { key } = entry;
    const late = !snapshot && !failure;
    const { followers = [entry] } = entry;
    const ended = followers.filter(({ until }) => !late || until <= entry.until);
    entry.followers = followers.slice(ended.length);
    // Whoever writes the same task from now on has it followed anew.
    this.#entries.delete(key);
    const [next] = entry.followers;
    if (next) {
      entry.until = next.until;
      this.#entries.set(key, entry);
      this.#turns.add(entry);
    } else if (late && this.#options.cancelOnDeadline) await this.#cancel(entry);
    for (const { task, started, until } of ended) {
      this.running -= 1;
      const pending = { ...entry.toJSON(), started, deadline: until < Infinity ? until : undefined };
      const error = failure ? failure.error : entry.late(pending);
      this.#tell(snapshot && !failure ? { ...snapshot, task } : { task, state: "failed", error, pending });
    }
  }

  /** In its turn, as the reads are. */
  #cancel(entry: Entry<Result>): Promise<void> {
    return cancelTask(entry, this.#options, this.#clock, async (context) => {
      await new Promise<void>((go) => {
        const waiting: Waiting = { due: -Infinity, place: -1, go };
        context.signal.addEventListener("abort", () => this.#turns.remove(waiting));
        this.#turns.add(waiting);
      });
      try {
        await entry.task.cancel?.(context);
      } finally {
        this.#turns.leave();
      }
    });
  }
}
