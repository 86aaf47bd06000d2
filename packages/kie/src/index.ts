export type { Reference, Sendable } from "@sluice/http/provider";
export { Base64TooLargeError } from "./base64-too-large-error.ts";
export type { CreateJobOptions, JobRecord, KieJob } from "./job-calls.ts";
export type { JobResult } from "./job-result.ts";
export type { TaskOptions } from "./job-task.ts";
export { type CallOptions, type Kie, type KieOptions, kie } from "./kie.ts";
export { KieError } from "./kie-error.ts";
export type { KieFile } from "./kie-file.ts";
export type { JobOptions, JobSteps } from "./kie-job.ts";
export type { SendAllOptions, SendItem, SendOutcome } from "./send-all.ts";
export type { Base64Options, KieReference, SendMethod, SendOptions } from "./send-options.ts";
export type { FileOptions } from "./upload-target.ts";
export {
  type CallbackMessage,
  CallbackRefusedError,
  type VerifiedCallback,
  type VerifyOptions,
  verifyCallback,
} from "./verify-callback.ts";
