import type { Clock } from "@sluice/retry";
import { cancelTask } from "./_cancel-task.ts";
import { type Leave, Turns } from "./_turns.ts";
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
interface Entry<Result> {
  readonly key: string;
  readonly watch: Watch<Result>;
  followers: Follower<Result>[];
  /** Calls the wait for the next turn off. */
  callOff: () => void;
}

/** Follows any number of tasks under one limiter and tells the end of each; a failure is an end like any other. */
export class Pool<Result> {
  /** Tasks whose end has not been told. */
  running = 0;
  readonly #options: PollStreamOptions<Result>;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #tell: (settled: Settled<Result>) => void;
  readonly #entries = new Map<string, Entry<Result>>();

  constructor(options: PollStreamOptions<Result>, clock: Clock, tell: (settled: Settled<Result>) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#turns = new Turns(clock, options.rate ?? Infinity, options.concurrency ?? 64);
    this.#tell = tell;
  }

  add(task: Task<Result>): void {
    const key = JSON.stringify([task.provider, task.id]);
    const started = this.#clock.now();
    const follower = { task, started, until: started + (this.#options.deadline ?? Infinity) };
    const known = this.#entries.get(key);
    this.running += 1;
    if (known) {
      known.followers.push(follower);
      return;
    }
    const watch = new Watch(task, this.#options, this.#clock);
    const entry = { key, watch, followers: [follower], callOff() {} };
    this.#entries.set(key, entry);
    this.#wait(entry);
  }

  /** Stops everything at once; resolves when the remote tasks are cancelled, if they are to be. Never rejects. */
  async stop(reason: unknown): Promise<void> {
    const entries = Array.from(this.#entries.values());
    this.#entries.clear();
    for (const { callOff, watch } of entries) {
      callOff();
      watch.cut?.(reason);
    }
    if (this.#options.cancelOnAbort) await Promise.all(entries.map(({ watch }) => this.#cancel(watch)));
  }

  #wait(entry: Entry<Result>): void {
    const { due, until } = entry.watch;
    entry.callOff = this.#turns.wait(due, until, (leave) => this.#round(entry, leave));
  }

  /** Without a turn it is the deadline that has come. Never rejects. */
  async #round(entry: Entry<Result>, leave: Leave | undefined): Promise<void> {
    const { key, watch } = entry;
    let snapshot: Snapshot<Result> | undefined;
    let failure: { error: unknown } | undefined;
    try {
      snapshot = leave && (await watch.read());
      if (snapshot) this.#options.onSnapshot?.(snapshot, watch.task);
    } catch (error) {
      failure = { error };
    }
    leave?.();
    // Stopped meanwhile.
    if (this.#entries.get(key) !== entry) return;
    if (leave && !failure && !(snapshot && isFinal(snapshot))) return this.#wait(entry);

    const ended = entry.followers.filter(({ until }) => leave || until <= watch.until);
    entry.followers = entry.followers.slice(ended.length);
    const [next] = entry.followers;
    if (next) {
      watch.until = next.until;
      this.#wait(entry);
    } else {
      // Whoever writes the same task from now on has it followed anew.
      this.#entries.delete(key);
      if (!leave && this.#options.cancelOnDeadline) await this.#cancel(watch);
    }
    for (const { task, started, until } of ended) {
      this.running -= 1;
      const pending = { ...watch.toJSON(), started, deadline: until < Infinity ? until : undefined };
      const error = failure ? failure.error : watch.late(pending);
      this.#tell(leave && snapshot && !failure ? { ...snapshot, task } : { task, state: "failed", error, pending });
    }
  }

  /** In its turn, as the reads are. */
  #cancel(watch: Watch<Result>): Promise<void> {
    return cancelTask(watch, this.#options, this.#clock, (signal, cancel) => this.#turns.take(signal, cancel));
  }
}
