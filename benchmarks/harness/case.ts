/** What one run did. The contenders of a case must agree on it, run for run, or the benchmark fails. */
export interface Outcome {
  /** Bytes processed, as counted by what received them. A run of 0 bytes fails. */
  readonly bytes: number;
  /** Digest or checksum of what came out; compared where both contenders give one. */
  readonly digest?: string;
  /** Things done (requests, tasks, chunks); given, the table shows operations a second in place of MB/s. */
  readonly operations?: number;
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
   * Measured rounds; each runs every contender once. `--quick` asks for at most 5 (`in-process`) or 3 (`process`).
   * @default 11 for `in-process`, 5 for `process`
   */
  readonly rounds?: number;
  /**
   * Rounds run first and thrown away.
   * @default 2 for `in-process`, 1 for `process`
   */
  readonly warmup?: number;
  /** Needs the stamped file of `bytes` bytes (see `stamped-file.ts`). */
  readonly file?: boolean;
  /** Needs the discarding server, whose CPU time then stands beside the contenders'. */
  readonly server?: boolean;
  /** Printed at the end of the row: a goal, a caveat. */
  readonly note?: string;
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
