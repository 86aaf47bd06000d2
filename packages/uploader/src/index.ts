export { createThrottle, type Throttle } from "./bandwidth.ts";
export type { Entry, Journal, JournalWarning } from "./journal.ts";
export { LockedError, type LockHolder } from "./locked-error.ts";
export { createMemory, type Memory } from "./memory.ts";
export { memoryJournal } from "./memory-journal.ts";
export type {
  Context,
  Digests,
  FileInfo,
  Inspection,
  Part,
  PartLimits,
  PartTarget,
  WantedDigests,
} from "./part-target.ts";
export type { Progress } from "./progress.ts";
export { StalledError } from "./stalled-error.ts";
export { type SweepOptions, type SweepReport, sweep } from "./sweep.ts";
export { upload } from "./upload.ts";
export { type Outcome, type UploadAllOptions, uploadAll } from "./upload-all.ts";
export { UploadAllStream } from "./upload-all-stream.ts";
export { CompletionUnknownError, ExpiredError, NeedsSizeError, TooLargeError } from "./upload-errors.ts";
export type { Cleanup, RestartReason, UploadEvent } from "./upload-event.ts";
export type { UploadOptions } from "./upload-options.ts";
export { UploadStream, type UploadStreamOptions } from "./upload-stream.ts";
