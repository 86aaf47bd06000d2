export type { Reference, Sendable } from "@sluice/http/provider";
export { type OpenAI, type OpenAIOptions, openai } from "./openai.ts";
export type { CallOptions, CreateUpload, UploadCalls } from "./upload-calls.ts";
export type { ExpiresAfter, OpenAIFile, Purpose, Upload, UploadPart } from "./upload-objects.ts";
export type { TargetOptions, UploadSession } from "./upload-target.ts";
