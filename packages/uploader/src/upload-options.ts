import type { Clock, RetryOptions } from "@sluice/retry";
import type { Progress } from "./progress.ts";

/** Options of `upload`. */
export interface UploadOptions {
  /**
   * Bytes a part; `"auto"` takes what the target prefers, or more where there would be too many parts.
   * @default "auto"
   */
  partSize?: number | "auto" | undefined;
  /**
   * Parts in flight at once, an integer of at least 1.
   * @default 4
   */
  concurrency?: number | undefined;
  /** When a failed part goes again; `false` for never. */
  retry?: RetryOptions | false | undefined;
  /**
   * How long the clean-up at the target may take after a failure or an abort.
   * @default 5000
   */
  cleanupTimeout?: number | undefined;
  /** Ends the upload; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Called at most ten times a second, and when the last part is acknowledged. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Called for each retry and for the clean-up. */
  onEvent?: ((event: UploadEvent) => void) | undefined;
  /** Where time comes from, for tests. */
  clock?: Clock | undefined;
  /** Where chance comes from, for tests. */
  random?: (() => number) | undefined;
}

/** What `onEvent` is told. */
export type UploadEvent =
  | {
      readonly type: "retry";
      readonly part: number;
      readonly attempt: number;
      readonly delay: number;
      readonly error: unknown;
    }
  | { readonly type: "cleanup"; readonly done: boolean; readonly error?: unknown };
