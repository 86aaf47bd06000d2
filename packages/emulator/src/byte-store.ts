import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Digests, Wanted } from "./byte-job.ts";
import { BlockSink, type ByteSink, CountingSink } from "./byte-sink.ts";
import type { Order, Report } from "./byte-worker.ts";
import { openSpoolFolder, removeSpoolFolder } from "./spool-folder.ts";

const BLOCK = 256 * 1024;
/** Blocks kept for the next body: 4 MiB. */
const SPARE = 16;

/** What runs a job on this side: the sink that feeds it, and what awaits its end. */
interface Job {
  readonly sink: BlockSink | undefined;
  readonly ended: PromiseWithResolvers<Digests | undefined>;
}

export interface ByteStoreOptions {
  readonly digests: boolean;
  /** Where bytes are kept; undefined keeps none. */
  readonly storage: string | undefined;
}

/**
 * Where bodies go. Disk and digests are a worker's, so that the thread of the sockets only copies; the worker
 * starts with the first body that needs it.
 */
export class ByteStore {
  readonly digests: boolean;
  readonly #storage: string | undefined;
  readonly #jobs = new Map<number, Job>();
  /** Files that the worker has not reported the end of. */
  readonly #unfinished = new Map<number, string>();
  readonly #spare: ArrayBuffer[] = [];
  #spool: string | undefined;
  #worker: Worker | undefined;
  #lastJob = 0;
  #closed = false;

  constructor({ digests, storage }: ByteStoreOptions) {
    this.digests = digests;
    this.#storage = storage;
    if (storage !== undefined) mkdirSync(storage, { recursive: true });
  }

  /** Whether anything is done with the bytes of a file beyond counting them. */
  get keepsAnything(): boolean {
    return this.digests || this.#storage !== undefined;
  }

  /** A sink for a whole file: its digests, and its bytes where a folder was given. */
  openFile(name: string): ByteSink {
    return this.#open({ path: this.#storagePath(name), digests: this.digests });
  }

  /** A sink that keeps nothing but the digests. */
  openDigest(): ByteSink {
    return this.#open({ path: undefined, digests: this.digests });
  }

  /** A sink for a part whose place in its file is not known yet. */
  openPart(name: string): ByteSink {
    if (!this.keepsAnything) return new CountingSink();
    this.#spool ??= openSpoolFolder();
    return this.#open({ path: join(this.#spool, name), digests: false });
  }

  /** Makes a file of parts, in this order. The parts stay where they are. */
  async join(
    paths: readonly string[],
    name: string,
  ): Promise<{ digests: Digests | undefined; path: string | undefined }> {
    const wanted = { path: this.#storagePath(name), digests: this.digests };
    if (!this.keepsAnything) return { digests: undefined, path: undefined };
    const job = this.#start(wanted.path, undefined);
    this.#order({ kind: "join", job, paths, wanted });
    return { digests: await this.#ended(job), path: wanted.path };
  }

  /** Removes a file that is no longer needed; one that cannot be removed stays until `close` or for the user. */
  remove(path: string): Promise<void> {
    return rm(path, { force: true }).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#fail(new Error("The emulator was closed"));
    for (const path of this.#unfinished.values()) await rm(path, { force: true });
    if (this.#spool !== undefined) await removeSpoolFolder(this.#spool);
  }

  #open(wanted: Wanted): ByteSink {
    if (wanted.path === undefined && !wanted.digests) return new CountingSink();
    const job = this.#lastJob + 1;
    const sink = new BlockSink(
      {
        take: () => this.#spare.pop() ?? new ArrayBuffer(BLOCK),
        send: (block, length) => this.#order({ kind: "block", job, block, length }, [block]),
        finish: () => {
          this.#order({ kind: "finish", job });
          return this.#ended(job);
        },
        abort: () => {
          this.#order({ kind: "abort", job });
          this.#jobs.delete(job);
        },
      },
      wanted.path,
    );
    this.#start(wanted.path, sink);
    this.#order({ kind: "open", job, wanted });
    return sink;
  }

  #start(path: string | undefined, sink: BlockSink | undefined): number {
    this.#lastJob += 1;
    const ended = Promise.withResolvers<Digests | undefined>();
    // A job that fails while nobody waits for its end tells its sink; that is enough.
    ended.promise.catch(() => {});
    this.#jobs.set(this.#lastJob, { sink, ended });
    if (path !== undefined) this.#unfinished.set(this.#lastJob, `${path}.partial`);
    return this.#lastJob;
  }

  #ended(id: number): Promise<Digests | undefined> {
    const job = this.#jobs.get(id);
    if (job === undefined) return Promise.reject(new Error("The bytes were let go of"));
    return job.ended.promise.finally(() => this.#jobs.delete(id));
  }

  #order(order: Order, transfer: ArrayBuffer[] = []): void {
    if (this.#closed) return;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(order, transfer);
  }

  #startWorker(): Worker {
    // Beside this file, whether that is the source or what was built of it.
    const file = import.meta.url.endsWith(".ts")
      ? new URL("./byte-worker.ts", import.meta.url)
      : new URL("./byte-worker.js", import.meta.url);
    // Without the flags of the process: `--input-type`, of a program given by `-e`, would stop a worker.
    const worker = new Worker(file, { execArgv: [] });
    worker.unref();
    worker.on("message", (report: Report) => this.#onReport(report));
    worker.on("error", (error) => {
      this.#worker = undefined;
      this.#fail(new Error(`The emulator's worker failed: ${error}`, { cause: error }));
    });
    return worker;
  }

  #onReport(report: Report): void {
    const job = this.#jobs.get(report.job);
    if (report.kind !== "block") this.#unfinished.delete(report.job);
    switch (report.kind) {
      case "block":
        if (this.#spare.length < SPARE) this.#spare.push(report.block);
        job?.sink?.blockReturned();
        break;
      case "done":
        job?.ended.resolve(report.digests);
        break;
      case "failed":
        job?.sink?.fail(new Error(report.message));
        job?.ended.reject(new Error(report.message));
        break;
    }
  }

  #fail(error: Error): void {
    for (const { sink, ended } of this.#jobs.values()) {
      sink?.fail(error);
      ended.reject(error);
    }
  }

  #storagePath(name: string): string | undefined {
    if (this.#storage === undefined) return undefined;
    const path = join(this.#storage, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }
}
