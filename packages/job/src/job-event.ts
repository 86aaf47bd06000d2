import type { PollEvent } from "@sluice/poller";
import type { JournalWarning } from "@sluice/uploader";

/** What `onEvent` is told. */
export type JobEvent =
  /** The job was written down, and goes on with this step. */
  | { readonly type: "resume"; readonly step: "send" | "start" | "task" }
  /** Something in the journal could not be trusted. */
  | { readonly type: "journal"; readonly warning: JournalWarning }
  /** The journal could not be written, and the job goes on: a run after a crash would know less. */
  | { readonly type: "not-recorded"; readonly error: unknown }
  | PollEvent;
