export type { Reference, Sendable } from "@sluice/http/provider";
export type { CreateFile, FileCalls, FilePage, ListFiles } from "./file-calls.ts";
export { type OpenAI, type OpenAIOptions, openai, type SendOptions } from "./openai.ts";
export type { CallOptions, CreateUpload, UploadCalls } from "./upload-calls.ts";
export type { ExpiresAfter, OpenAIFile, Purpose, Upload, UploadPart } from "./upload-objects.ts";
export type { TargetOptions, UnusualNameEvent, UploadSession } from "./upload-target.ts";
