/// <reference lib="esnext.disposable" preserve="true" />
import { type ClientOptions, createClient } from "@sluice/http";
import { type ByteSource, blobSource, bytesSource, streamSource, urlSource } from "@sluice/source";
import { type PartTarget, type UploadOptions, upload } from "@sluice/uploader";
import { baseUrlOf, environment } from "./environment.ts";
import { type UploadCalls, uploadCalls } from "./upload-calls.ts";
import type { OpenAIFile } from "./upload-objects.ts";
import { type TargetOptions, type UploadSession, uploadTarget } from "./upload-target.ts";

/** What `openai` takes besides the options of the client. */
export interface OpenAIOptions extends Omit<ClientOptions, "baseUrl" | "headers"> {
  /**
   * The key, or a function that is asked for it before each request, so that keys can be rotated.
   * @default the environment's OPENAI_API_KEY
   */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /** @default OPENAI_BASE_URL, else https://api.openai.com/v1 */
  baseUrl?: string | undefined;
  /** @default OPENAI_ORG_ID */
  organization?: string | undefined;
  /** @default OPENAI_PROJECT_ID */
  project?: string | undefined;
  /** Whether the key may go over plain HTTP to another machine. */
  insecure?: boolean | undefined;
}

/** What can be sent. A string is none of it: a path is `file(path)`, an address is a `URL`. */
export type Sendable = ByteSource | URL | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Where what was sent can be found, and how it went there. */
export interface Reference {
  /** The file's id. */
  readonly value: string;
  readonly method: "parts";
  readonly size: number;
  readonly expiresAt?: Date;
  /** Why it went this way. */
  readonly reason: string;
  readonly raw: OpenAIFile;
}

/** OpenAI, with its key and its connections. */
export interface OpenAI extends Omit<UploadCalls, "newestFiles">, AsyncDisposable {
  readonly name: "openai";
  /** Uploads a file and tells its id. */
  send(input: Sendable, options: TargetOptions & UploadOptions): Promise<Reference>;
  /** The Uploads API for `upload` of `@sluice/uploader`. */
  target(options: TargetOptions): PartTarget<UploadSession, string, OpenAIFile>;
}

/**
 * Makes a client of OpenAI. It holds connections: `await using` closes them.
 *
 * @throws {TypeError} without a key. {RangeError} for a base URL that would send the key over plain HTTP.
 */
export function openai(options: OpenAIOptions = {}): OpenAI {
  const { apiKey = environment("OPENAI_API_KEY"), insecure = false, ...rest } = options;
  const { organization = environment("OPENAI_ORG_ID"), project = environment("OPENAI_PROJECT_ID"), ...client } = rest;
  if (apiKey === undefined || apiKey === "") {
    throw new TypeError(
      'Cannot use OpenAI: "apiKey" must be a key or a function, received none. Set OPENAI_API_KEY, or get a key at https://platform.openai.com/api-keys',
    );
  }
  if (typeof apiKey !== "string" && typeof apiKey !== "function") {
    throw new TypeError(`Cannot use OpenAI: "apiKey" must be a key or a function, received ${typeof apiKey}`);
  }
  const http = createClient({
    ...client,
    baseUrl: baseUrlOf(options.baseUrl ?? environment("OPENAI_BASE_URL") ?? "https://api.openai.com/v1", insecure),
    headers: async () => ({
      accept: "application/json",
      authorization: `Bearer ${typeof apiKey === "function" ? await apiKey() : apiKey}`,
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
      const { source, ours } = await sourceOf(input, given.signal);
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
        if (ours) await source.close();
      }
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** A source of whatever can be sent; `ours` when it was opened here and is to be closed here. */
async function sourceOf(
  input: Sendable,
  signal: AbortSignal | undefined,
): Promise<{ source: ByteSource; ours: boolean }> {
  if (typeof input === "string") {
    throw new TypeError(
      "Cannot send a string to OpenAI: a path is file(path) of @sluice/source/node, an address is a URL object",
    );
  }
  if (input instanceof URL) return { source: await urlSource(input, { signal }), ours: true };
  if (input instanceof Blob) return { source: blobSource(input), ours: true };
  if (input instanceof Uint8Array) return { source: bytesSource(input), ours: true };
  if (typeof (input as ByteSource)?.stream === "function") return { source: input as ByteSource, ours: false };
  return { source: streamSource(input as ReadableStream<Uint8Array>), ours: true };
}
