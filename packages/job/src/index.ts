export type { SendJob, StartJob, StepContext } from "./job.ts";
export type { JobEvent } from "./job-event.ts";
export type { JobOptions, JobProgress } from "./job-options.ts";
export { NotRecordedError } from "./not-recorded-error.ts";
export { type KeptJob, readJob } from "./read-job.ts";
export { runJob } from "./run-job.ts";
export { StartUnknownError } from "./start-unknown-error.ts";
