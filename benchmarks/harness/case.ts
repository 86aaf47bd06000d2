/** What one run did. The contenders of a case must agree on it, run for run, or the benchmark fails. */
export interface Outcome {
  /** Bytes processed, as counted by what received them. A run of 0 bytes fails. */
  readonly bytes: number;
  /** Digest or checksum of what came out; compared where both contenders give one. */
  readonly digest?: string;
  /** Things done (requests, tasks, chunks); given, the table shows operations a second in place of MB/s. */
  readonly operations?: number;
  /** What else the run found out, in words, for the table. */
  readonly remark?: string;
}

/** What a run is given. */
export interface RunContext<Fixture = unknown> {
  /** How many bytes to process: the case's `bytes`, less under `--quick`, or what `--size` asked for. */
  readonly bytes: number;
  /** Path of the stamped sparse file of `bytes` bytes. Throws unless the case says `file: true`. */
  readonly file: string;
  /** Base URL of the discarding server, without a slash at its end. Throws unless the case says `server: true`. */
  readonly server: string;
  /** An empty folder of the case's own, removed afterwards. */
  readonly folder: string;
  /** False in a warm-up round, whose time does not count: the place for an expensive `digest`. */
  readonly measured: boolean;
  /** What `setup` returned in this process. */
  readonly fixture: Fixture;
}

/** One side of a comparison. */
export interface Contender<Fixture = unknown> {
  /** As the table shows it: `codecStream`, `node:zlib`, `curl -T`. */
  readonly name: string;
  /** Does without the case's server: it has nothing to send. */
  readonly alone?: boolean;
  /** Runs before the clock: the place for `import` of what must not weigh on the other contender's memory. */
  prepare?(): Promise<unknown>;
  /** Processes `context.bytes` bytes once. From call to settlement is what is measured, and nothing else. */
  run(context: RunContext<Fixture>): Outcome | Promise<Outcome>;
}

/** Most memory that a subject may take, in bytes. All are of medians over the rounds. */
export interface Bars {
  /** By how much the peak may be higher at the largest of `sizes` than at the smallest. */
  readonly growth?: number;
  /** The peak of the process. */
  readonly peak?: number;
  /** The peak above what the process held right before the run. */
  readonly above?: number;
}

/** What a project would like to reach: multiples of the peer's wall and CPU time. */
export interface Goal {
  readonly time: number;
  readonly cpu?: number;
}

/** One point of a scaling curve. */
export interface Point {
  /** What the line is called. */
  readonly curve: string;
  readonly axis: "part size" | "connections" | "chunk size";
  /** In bytes, or a number of connections. */
  readonly value: number;
}

/** One row of the report. */
export interface Case<Fixture = unknown> {
  /** Unique in its group; says what is done and at what chunk size. */
  readonly name: string;
  /**
   * `in-process`: both contenders in one child process, run in turns, so that JIT, heap and clock are shared: for codecs and hops.
   * `process`: a fresh child process for every single run, so that memory and start-up are its own: for whole pipes and memory.
   */
  readonly mode: "in-process" | "process";
  /** Bytes for one run. `--size` replaces it in cases of mode `process`. */
  readonly bytes: number;
  /**
   * Bytes for one run under `--quick`.
   * @default an eighth of `bytes`
   */
  readonly quickBytes?: number;
  /**
   * Measured rounds, at most; each runs every contender once. No more are begun after 5 seconds when there are three
   * (`in-process`), or after 8 when there are two (`process`); under `--quick` after half a second when there is one. Those of
   * a case with `sizes` are begun only where the first was not clear: see `run-sizes.ts`.
   * @default 11 for `in-process`, 5 for `process`
   */
  readonly rounds?: number;
  /**
   * Rounds run first and thrown away; no second is begun after 2 seconds.
   * @default 2 for `in-process`, 1 for `process`
   */
  readonly warmup?: number;
  /** Needs the stamped file of `bytes` bytes (see `stamped-file.ts`). */
  readonly file?: boolean;
  /** Needs the discarding server, whose CPU time then stands beside the contenders'. */
  readonly server?: boolean;
  /**
   * Sizes to run at in place of `bytes`, the smallest first, a row for each: for memory that must not grow with them.
   * `--size` adds one, where the case runs at more than 1 GB/s.
   */
  readonly sizes?: readonly number[];
  /**
   * Sizes under `--quick`.
   * @default a quarter of each of `sizes`
   */
  readonly quickSizes?: readonly number[];
  /** The largest size that `--size` may add to `sizes`: a provider's own limit. */
  readonly largest?: number;
  /** What must hold of the subject's memory, or the benchmark fails. */
  readonly bars?: Bars;
  /** Where this case lies on a curve of the report. */
  readonly point?: Point;
  /** Whether `bench:check` holds the ratio of this case against the recorded one. */
  readonly guarded?: boolean;
  /** The most that the subject should take, as a multiple of the peer's. Missing it fails nothing; the report lists it. */
  readonly goal?: Goal;
  /** Whether the report has it in its first table: the peer is what a person would use otherwise. */
  readonly headline?: boolean;
  /** Printed at the end of the row: a caveat. */
  readonly note?: string;
  /** What limits the subject, for the list of goals that were missed and of peers that are faster. */
  readonly limitedBy?: string;
  /** Runs once in every child process, before the first run, unmeasured. */
  setup?(context: Omit<RunContext, "fixture">): Fixture | Promise<Fixture>;
  /** Runs once in every child process, after the last run, also when a run threw. */
  teardown?(fixture: Fixture): void | Promise<void>;
  /** What is judged. */
  readonly subject: Contender<Fixture>;
  /** What it is judged by. Without one the row has no ratios. */
  readonly peer?: Contender<Fixture>;
}

/** What a file `groups/<name>.bench.ts` exports as `group`. */
export interface Group {
  /** One line for the list of groups. */
  readonly description: string;
  readonly cases: readonly Case[];
}

/**
 * Types a case whose contenders use what its `setup` returns; a case without a fixture needs no call.
 *
 * @param definition The case, with `setup` written before `subject` so that the fixture's type is inferred from it.
 * @returns The same object.
 */
export function defineCase<Fixture>(definition: Case<Fixture>): Case {
  return definition;
}
