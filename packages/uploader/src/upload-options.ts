import type { Algorithm } from "@sluice/hash";
import type { Clock, RetryOptions } from "@sluice/retry";
import type { Throttle } from "./bandwidth.ts";
import type { Journal } from "./journal.ts";
import type { Memory } from "./memory.ts";
import type { Progress } from "./progress.ts";
import type { UploadEvent } from "./upload-event.ts";

/** Options of `upload`, and of all that upload by it. */
export interface UploadOptions {
  /**
   * Bytes a part. `"auto"` takes what the target prefers, more where there would be too many parts, less where a stream's
   * parts are held in `memory`. `"chunks"` takes each chunk of the source as a part, as it is.
   * @default "auto"
   */
  partSize?: number | "auto" | "chunks" | undefined;
  /**
   * Parts in flight at once, an integer of at least 1; `"auto"` finds out how many are worth it, from 4 to 32.
   * @default "auto"
   */
  concurrency?: number | "auto" | undefined;
  /**
   * Bytes that may be held at once, or `createMemory(bytes)` to share them with other uploads.
   * @default 128 MiB
   */
  memory?: number | Memory | undefined;
  /** Where the upload is written down, so that it can be resumed after a crash. */
  journal?: Journal | undefined;
  /** What the upload is called in the journal. @default the target's name, the source's name and its size */
  key?: string | undefined;
  /**
   * How a resumed upload knows that the source has not changed: by its fingerprint, or by digests of what was sent, for
   * which each part is read twice. A source without a fingerprint is always compared by digest.
   * @default "fingerprint"
   */
  verify?: "fingerprint" | "digest" | undefined;
  /**
   * A folder for a temporary copy of a stream whose size the target must know first. On Node, Deno and Bun.
   * @default false
   */
  spool?: false | string | undefined;
  /** Digests of the whole file, for an event and for the target's completion, besides those that the target wants. */
  digest?: readonly Algorithm[] | undefined;
  /**
   * Bytes a second handed to the transport, or `createThrottle(…)` to share them, to pause and to resume.
   * @default as many as there are
   */
  bandwidth?: number | Throttle | undefined;
  /**
   * Milliseconds without a byte after which an attempt is cut and tried again.
   * @default 30_000
   */
  stallTimeout?: number | undefined;
  /** When a failed part goes again; `false` for never. */
  retry?: RetryOptions | false | undefined;
  /**
   * What becomes of the upload at the target on an abort.
   * @default "keep" with a journal, "cancel" without
   */
  onAbort?: "keep" | "cancel" | undefined;
  /**
   * How long the clean-up at the target may take after a failure or an abort.
   * @default 5_000
   */
  cleanupTimeout?: number | undefined;
  /** Ends the upload; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Called at most ten times a second, and with the last state. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Told what happens besides progress. What it throws ends the upload. */
  onEvent?: ((event: UploadEvent) => void) | undefined;
  /** Where time comes from, for tests. */
  clock?: Clock | undefined;
  /** Where chance comes from, for tests: from 0 to below 1. */
  random?: (() => number) | undefined;
}
