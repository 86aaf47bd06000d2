export type { Context, Digests, FileInfo, Inspection, Part, PartLimits, PartTarget } from "./part-target.ts";
export type { Progress } from "./progress.ts";
export { upload } from "./upload.ts";
export { CompletionUnknownError, NeedsSizeError, TooLargeError } from "./upload-errors.ts";
export type { UploadEvent, UploadOptions } from "./upload-options.ts";
