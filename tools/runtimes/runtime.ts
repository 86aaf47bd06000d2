import type { Report } from "./harness/report.ts";
import type { Suite } from "./suites.ts";

/** Where suites can be run. */
export interface Runtime {
  /** How the command line calls it. */
  readonly name: string;
  /** How the table calls it, without its version. */
  readonly title: string;
  /**
   * Installs what it needs, once.
   *
   * @throws {NotHere} where it cannot be had
   */
  prepare(stage: Stage): Promise<Prepared>;
}

/** What every runtime runs on. */
export interface Stage {
  /** A project that has the packages, the suites and the harness. */
  readonly project: string;
  /** The process that starts emulators. */
  readonly host: string;
}

/** A runtime that is ready. */
export interface Prepared extends AsyncDisposable {
  readonly version: string;
  /** Whether a page can be loaded again, and remembers. */
  readonly reloads?: boolean;
  /** Runs suites of one package, in a process, a worker or a page of their own. */
  run(name: string, suites: readonly Suite[], report: Report): Promise<void>;
}
