export { type Clock, createClock } from "./clock.ts";
export { type Emulator, type EmulatorOptions, startEmulator } from "./emulator.ts";
export type { FaultAction, FaultMatch, FaultRule } from "./fault-rule.ts";
export type { FaultState, Faults } from "./faults.ts";
export type { OpenAiOptions } from "./openai/provider.ts";
export type { ProviderName } from "./provider.ts";
export type { ReceivedUpload, ReceivedUploads } from "./received-uploads.ts";
export type { RequestRecord } from "./request-log.ts";
export type { StoredFile, StoredFiles } from "./stored-files.ts";
