import type { Snapshot } from "@sluice/poller";
import { type VirtualClock, virtualClock } from "@sluice/retry/testing";
import { type ByteSource, bytesSource } from "@sluice/source";
import { type Entry, type Journal, memoryJournal, type PartTarget, upload } from "@sluice/uploader";
import { MemoryTarget } from "@sluice/uploader/testing";
import { type JobEvent, type JobOptions, runJob, StartUnknownError, type StepContext } from "./index.ts";

type Job = JobOptions<{ id: string }, string>;

/** What a process came to: a result, an error, or its death. */
export type Outcome = { readonly result: string } | { readonly error: unknown } | "died";

/**
 * Storage, a service and a journal that outlive processes, each of which runs the same job and dies at a moment of its own:
 * before or after any entry of the journal, or any request.
 */
export class MortalWorld {
  /** Of the last process: timers die with theirs. */
  clock: VirtualClock = virtualClock(1_700_000_000_000);
  readonly storage: MemoryTarget = new MemoryTarget({ preferredPartSize: 4 });
  readonly events: JobEvent[] = [];
  /** Of each start, what it was made with. */
  readonly starts: unknown[] = [];
  /** Moments passed in all lives. */
  moments = 0;
  reads = 0;
  /** Whether the last process died between the first and the last moment in which a start may have been made. */
  diedStarting = false;
  /** Whether the job was over and forgotten: what comes after its result was had is another job. */
  over = false;
  /** What the journals hold; locks die with their process. */
  entries: Map<string, Entry[]> = new Map();
  readonly #files: readonly string[];
  readonly #sendStarts: boolean;

  /** @param sendStarts whether the job has no `start` */
  constructor(files: readonly string[], sendStarts: boolean) {
    this.#files = files;
    this.#sendStarts = sendStarts;
    this.storage.inspect = (session) => this.storage.tell(session);
  }

  /** Runs the job in a new process, which dies after so many moments. */
  async live(moments: number, options: Partial<Job> = {}): Promise<Outcome> {
    this.clock = virtualClock(this.clock.now());
    const death = Promise.withResolvers<"died">();
    const never = new Promise<never>(() => {});
    let left = moments;
    const moment = async (): Promise<void> => {
      if (left <= 0) {
        death.resolve("died");
        return never;
      }
      left -= 1;
      this.moments += 1;
    };
    const within = async <T>(work: () => Promise<T>): Promise<T> => {
      await moment();
      const result = await work();
      await moment();
      return result;
    };
    const journal = await this.#journal(within);
    this.diedStarting = false;
    const task = ({ id }: { id: string }) => ({ id, read: () => within(async () => this.#read(id)) });
    const common = {
      key: "job",
      journal,
      clock: this.clock,
      random: () => 0.5,
      task,
      onEvent: (event: JobEvent) => void this.events.push(event),
      ...options,
    };
    const send = (context: StepContext) => this.#send(context, within);
    const start = async (sent: unknown, by = within): Promise<{ id: string }> => {
      this.diedStarting = true;
      return by(async () => ({ id: `task-${this.starts.push(sent)}` }));
    };
    const run = this.#sendStarts
      ? runJob({ ...common, send: async (context: StepContext) => start(await send(context)) })
      : runJob({ ...common, send, start: (sent: string[]) => start(sent) });
    const outcome = run.then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    return this.clock.run(Promise.race([outcome, death.promise]));
  }

  async #send(context: StepContext, within: <T>(work: () => Promise<T>) => Promise<T>): Promise<string[]> {
    const names: string[] = [];
    const { storage } = this;
    const { name, limits, repeat } = storage;
    for (const file of this.#files) {
      const target: PartTarget<string, string, unknown> = {
        name,
        limits,
        repeat,
        create: () => within(() => storage.create()),
        put: (...given) => within(() => storage.put(...given)),
        complete: (session, receipts, whole) => within(() => storage.complete(session, receipts, whole)),
        cancel: (session) => within(() => storage.cancel(session)),
        inspect: (session) => within(() => storage.tell(session)),
      };
      const key = context.key && `${context.key} ${file}`;
      await upload(fileOf(file), target, { ...context, key, clock: this.clock, concurrency: 2 });
      names.push(file);
    }
    return names;
  }

  #read(id: string): Snapshot<string> {
    this.reads += 1;
    const state = this.reads % 3 === 0 ? "succeeded" : "running";
    return { state, result: `result of ${id}`, ...(state === "running" && { retryAfter: 10_000 }) };
  }

  /** The journal as the next process finds it; what it does to it is kept. */
  async #journal(within: <T>(work: () => Promise<T>) => Promise<T>): Promise<Journal> {
    const journal = memoryJournal();
    for (const [key, entries] of this.entries) for (const entry of entries) await journal.append(key, entry);
    const keep = async (key: string): Promise<void> => {
      const entries = await journal.read(key);
      if (entries.length > 0) this.entries.set(key, entries);
      else this.entries.delete(key);
    };
    return {
      ...journal,
      append: (key, entry) => within(() => journal.append(key, entry).then(() => keep(key))),
      remove: (key) =>
        within(async () => {
          await journal.remove(key);
          await keep(key);
          this.over ||= key === "job";
        }),
    };
  }

  get completed(): number {
    return [...this.storage.uploads.values()].filter(({ state }) => state === "completed").length;
  }

  /** What someone answers who looks at the service, after a `StartUnknownError`. */
  answer(outcome: Outcome): Partial<Job> {
    if (typeof outcome === "string" || !("error" in outcome && outcome.error instanceof StartUnknownError)) return {};
    return this.starts.length > 0 ? { started: { id: `task-${this.starts.length}` } } : { startAgain: true };
  }
}

/** As a file is: it can be read again, and has a fingerprint. */
export function fileOf(name: string): ByteSource {
  const source = bytesSource(new TextEncoder().encode(`${name} and more`), { name });
  return Object.assign(Object.create(source), {
    fingerprint: "v1",
    stream: source.stream.bind(source),
    read: source.read?.bind(source),
  });
}
