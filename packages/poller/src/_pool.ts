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

/** A task, and those who want to know about it, in the order of their deadlines. */
interface Entry<Result> extends Waiting {
  readonly key: string;
  readonly watch: Watch<Result>;
  followers: Follower<Result>[];
  reading: boolean;
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

  constructor(options: PollStreamOptions<Result>, clock: Clock, tell: (settled: Settled<Result>) => void) {
    const { rate = Infinity, concurrency = 64 } = options;
    this.#options = options;
    this.#clock = clock;
    this.#turns = new Turns(clock, rate, concurrency, (now) => this.#expire(now));
    this.#tell = tell;
  }

  add(task: Task<Result>): void {
    const key = JSON.stringify([task.provider, task.id]);
    const watch = new Watch(task, this.#options, this.#clock);
    const { started, until, due } = watch;
    const follower = { task, started, until };
    const known = this.#entries.get(key);
    this.running += 1;
    if (known) known.followers.push(follower);
    else {
      const go = (): void => void this.#round(entry);
      const entry: Entry<Result> = { key, watch, followers: [follower], reading: false, due, place: 0, go };
      this.#entries.set(key, entry);
      this.#turns.add(entry);
    }
  }

  /** Stops everything at once; resolves when the remote tasks are cancelled, if they are to be. Never rejects. */
  async stop(reason: unknown): Promise<void> {
    const watches = Array.from(this.#entries.values(), ({ watch }) => watch);
    this.#entries.clear();
    this.#turns.clear();
    for (const watch of watches) watch.cut?.(reason);
    if (this.#options.cancelOnAbort) await Promise.all(watches.map((watch) => this.#cancel(watch)));
  }

  /** Ends those whose time is up; says when that of the next one is. A read that is under way sees to it itself. */
  #expire(now: number): number {
    for (const entry of this.#entries.values()) {
      const { until } = entry.watch;
      if (until > now) return until;
      if (entry.reading) continue;
      this.#turns.remove(entry);
      this.#end(entry);
    }
    return Infinity;
  }

  /** Never rejects. */
  async #round(entry: Entry<Result>): Promise<void> {
    const { key, watch } = entry;
    let snapshot: Snapshot<Result> | undefined;
    let failure: { error: unknown } | undefined;
    entry.reading = true;
    try {
      snapshot = await watch.read();
      if (snapshot) this.#options.onSnapshot?.(snapshot, watch.task);
    } catch (error) {
      failure = { error };
    }
    entry.reading = false;
    if (this.#entries.get(key) === entry) {
      if (failure || (snapshot && isFinal(snapshot))) this.#end(entry, snapshot, failure);
      else {
        entry.due = watch.due;
        this.#turns.add(entry);
      }
    }
    this.#turns.leave();
  }

  /** With neither a snapshot nor a failure it is the deadline that has come. Never rejects. */
  async #end(entry: Entry<Result>, snapshot?: Snapshot<Result>, failure?: { error: unknown }): Promise<void> {
    const { key, watch } = entry;
    const late = !snapshot && !failure;
    const ended = entry.followers.filter(({ until }) => !late || until <= watch.until);
    entry.followers = entry.followers.slice(ended.length);
    // Whoever writes the same task from now on has it followed anew.
    this.#entries.delete(key);
    const [next] = entry.followers;
    if (next) {
      watch.until = next.until;
      this.#entries.set(key, entry);
      this.#turns.add(entry);
    } else if (late && this.#options.cancelOnDeadline) await this.#cancel(watch);
    for (const { task, started, until } of ended) {
      this.running -= 1;
      const pending = { ...watch.toJSON(), started, deadline: until < Infinity ? until : undefined };
      const error = failure ? failure.error : watch.late(pending);
      this.#tell(snapshot && !failure ? { ...snapshot, task } : { task, state: "failed", error, pending });
    }
  }

  /** In its turn, as the reads are. */
  #cancel(watch: Watch<Result>): Promise<void> {
    return cancelTask(watch, this.#options, this.#clock, async (signal, cancel) => {
      await new Promise<void>((go) => {
        const waiting: Waiting = { due: -Infinity, place: 0, go };
        signal.addEventListener("abort", () => this.#turns.drop(waiting));
        this.#turns.add(waiting);
      });
      try {
        await cancel();
      } finally {
        this.#turns.leave();
      }
    });
  }
}
