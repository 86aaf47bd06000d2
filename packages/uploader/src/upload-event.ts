import type { HashEvent } from "@sluice/hash";
import type { JournalWarning } from "./journal.ts";
import type { Digests } from "./part-target.ts";

/** How the clean-up after a failure or an abort went. */
export interface Cleanup {
  /** `kept` at the target, to be resumed; `canceled` there; `failed`: it may still be there, and `error` says why. */
  readonly state: "kept" | "canceled" | "failed";
  readonly error?: unknown;
}

/** Why an upload that was written down starts over. */
export type RestartReason =
  | "source-changed"
  | "one-shot"
  | "expired"
  | "canceled"
  | "session-gone"
  | "journal-damaged"
  | "other-target";

/** What `onEvent` is told. */
export type UploadEvent =
  | {
      readonly type: "retry";
      /** The part's index; undefined for the completion. */
      readonly part: number | undefined;
      readonly attempt: number;
      /** Milliseconds until the next attempt. */
      readonly delay: number;
      readonly error: unknown;
    }
  /** Parts that are at the target already. */
  | { readonly type: "resume"; readonly parts: number; readonly bytes: number }
  | { readonly type: "restart"; readonly reason: RestartReason }
  | { readonly type: "journal"; readonly warning: JournalWarning }
  /** At this rate it will take longer, in milliseconds, than the target lets an upload live. */
  | { readonly type: "too-slow"; readonly expected: number; readonly lifetime: number }
  /** How many parts may be in flight from now on, with `concurrency: "auto"`. */
  | { readonly type: "concurrency"; readonly limit: number }
  /** Of the whole file, in lower-case hex. */
  | { readonly type: "digests"; readonly digests: Digests }
  | HashEvent
  | ({ readonly type: "cleanup" } & Cleanup);
