/// <reference lib="esnext.disposable" preserve="true" />
import { type ClientOptions, createClient } from "@sluice/http";
import {
  type ApiKey,
  baseUrlOf,
  environment,
  keyOf,
  openSendable,
  type Reference,
  type Sendable,
} from "@sluice/http/provider";
import { type PartTarget, type UploadOptions, upload } from "@sluice/uploader";
import { type UploadCalls, uploadCalls } from "./upload-calls.ts";
import type { OpenAIFile } from "./upload-objects.ts";
import { type TargetOptions, type UploadSession, uploadTarget } from "./upload-target.ts";

/** What `openai` takes besides the options of the client. */
export interface OpenAIOptions extends Omit<ClientOptions, "baseUrl" | "headers"> {
  /**
   * The key, or a function that is asked for it before each request, so that keys can be rotated.
   * @default the environment's OPENAI_API_KEY
   */
  apiKey?: ApiKey | undefined;
  /** @default OPENAI_BASE_URL, else https://api.openai.com/v1 */
  baseUrl?: string | undefined;
  /** @default OPENAI_ORG_ID */
  organization?: string | undefined;
  /** @default OPENAI_PROJECT_ID */
  project?: string | undefined;
  /** Whether the key may go over plain HTTP to another machine. */
  insecure?: boolean | undefined;
}

/** OpenAI, with its key and its connections. */
export interface OpenAI extends Omit<UploadCalls, "newestFiles">, AsyncDisposable {
  readonly name: "openai";
  /** Uploads a file and tells its id. */
  send(input: Sendable, options: TargetOptions & UploadOptions): Promise<Reference<OpenAIFile>>;
  /** The Uploads API for `upload` of `@sluice/uploader`. */
  target(options: TargetOptions): PartTarget<UploadSession, string, OpenAIFile>;
}

/**
 * Makes a client of OpenAI. It holds connections: `await using` closes them.
 *
 * @throws {TypeError} without a key. {RangeError} for a base URL that would send the key over plain HTTP.
 */
export function openai(options: OpenAIOptions = {}): OpenAI {
  const { apiKey, insecure, ...rest } = options;
  const { organization = environment("OPENAI_ORG_ID"), project = environment("OPENAI_PROJECT_ID"), ...client } = rest;
  const key = keyOf(apiKey, {
    provider: "OpenAI",
    option: "apiKey",
    variable: "OPENAI_API_KEY",
    page: "https://platform.openai.com/api-keys",
  });
  const baseUrl = options.baseUrl ?? environment("OPENAI_BASE_URL") ?? "https://api.openai.com/v1";
  const http = createClient({
    ...client,
    baseUrl: baseUrlOf(baseUrl, { provider: "OpenAI", insecure }),
    headers: async () => ({
      accept: "application/json",
      authorization: `Bearer ${await key()}`,
      "openai-organization": organization,
      "openai-project": project,
    }),
  });
  const { newestFiles, ...calls } = uploadCalls(http);
  const target = (given: TargetOptions) => {
    if (typeof given?.purpose !== "string" || given.purpose === "") {
      throw new TypeError(`Cannot upload to OpenAI: "purpose" must be a text, received ${typeof given?.purpose}`);
    }
    return uploadTarget({ ...calls, newestFiles }, given);
  };

  return {
    name: "openai",
    ...calls,
    target,
    async send(input, given) {
      const destination = target(given);
      const { source, close } = await openSendable(input, { provider: "OpenAI", signal: given.signal });
      try {
        const file = await upload(source, destination, given);
        return {
          value: file.id,
          method: "parts",
          size: file.bytes,
          ...(file.expires_at ? { expiresAt: new Date(file.expires_at * 1000) } : {}),
          reason: "OpenAI takes files by its Uploads API",
          raw: file,
        };
      } finally {
        await close();
      }
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}
