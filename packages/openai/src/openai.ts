/// <reference lib="esnext.disposable" preserve="true" />
import { type ClientOptions, createClient } from "@sluice/http";
import {
  type AcceptOptions,
  type ApiKey,
  baseUrlOf,
  checkAccepted,
  environment,
  keyOf,
  openSendable,
  type Reference,
  type Sendable,
} from "@sluice/http/provider";
import { type PartTarget, type UploadEvent, type UploadOptions, upload } from "@sluice/uploader";
import { type FileCalls, fileCalls } from "./file-calls.ts";
import { fileTarget } from "./file-target.ts";
import { type UploadCalls, uploadCalls } from "./upload-calls.ts";
import type { OpenAIFile } from "./upload-objects.ts";
import { type TargetOptions, type UnusualNameEvent, type UploadSession, uploadTarget } from "./upload-target.ts";

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

/** How to send one file. */
export interface SendOptions extends Omit<TargetOptions, "onEvent">, Omit<UploadOptions, "onEvent">, AcceptOptions {
  /**
   * `"upload"` is one request, `"parts"` are several at once, each of which can be repeated by itself.
   * @default "upload" up to 4 MiB, "parts" above, and where the size is not known
   */
  method?: "upload" | "parts" | undefined;
  /** The largest file that may be sent. @default 8 GiB */
  maxBytes?: number | undefined;
  /** Told what happens besides progress. */
  onEvent?: ((event: UploadEvent | UnusualNameEvent) => void) | undefined;
}

/** OpenAI, with its key and its connections. */
export interface OpenAI extends UploadCalls, AsyncDisposable {
  readonly name: "openai";
  readonly files: FileCalls;
  /** Uploads a file and tells its id. */
  send(input: Sendable, options: SendOptions): Promise<Reference<OpenAIFile>>;
  /** The Uploads API for `upload` of `@sluice/uploader`. */
  target(options: TargetOptions): PartTarget<UploadSession, string, OpenAIFile>;
}

/** Up to here one request is faster than three. */
const SMALL = 4 * 1024 * 1024;

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
  const calls = uploadCalls(http);
  const files = fileCalls(http);
  const checked = (given: TargetOptions): TargetOptions => {
    if (typeof given?.purpose === "string" && given.purpose !== "") return given;
    throw new TypeError(`Cannot upload to OpenAI: "purpose" must be a text, received ${typeof given?.purpose}`);
  };

  return {
    name: "openai",
    ...calls,
    files,
    target: (given) => uploadTarget(calls, files, checked(given)),
    async send(input, given) {
      const { method, maxBytes, accept, ...rest } = given;
      checked(rest);
      const { source, close } = await openSendable(input, { provider: "OpenAI", signal: given.signal });
      try {
        checkAccepted("OpenAI", source, { accept });
        const single = method ? method === "upload" : (source.size ?? Number.POSITIVE_INFINITY) <= SMALL;
        if (source.size === 0) {
          throw new RangeError(`Cannot upload "${source.name ?? "upload"}" to OpenAI: it must have at least 1 byte`);
        }
        const file = single
          ? await upload(source, bounded(fileTarget(files, rest), maxBytes), rest)
          : await upload(source, bounded(uploadTarget(calls, files, rest), maxBytes), rest);
        return {
          value: file.id,
          method: single ? "upload" : "parts",
          size: file.bytes,
          ...(file.expires_at ? { expiresAt: new Date(file.expires_at * 1000) } : {}),
          reason: reasonFor(single, method, source.size),
          raw: file,
        };
      } finally {
        await close();
      }
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** The target, for files of at most so many bytes. */
function bounded<Session, Receipt, Result>(
  target: PartTarget<Session, Receipt, Result>,
  maxBytes: number = Number.POSITIVE_INFINITY,
): PartTarget<Session, Receipt, Result> {
  const largest = Math.min(maxBytes, target.limits.maxBytes ?? Number.POSITIVE_INFINITY);
  return { ...target, limits: { ...target.limits, maxBytes: largest } };
}

function reasonFor(single: boolean, method: SendOptions["method"], size: number | undefined): string {
  if (method) return `"method" asks for it`;
  if (single) return `${size} bytes are quickest in one request`;
  if (size === undefined) return "its size is not known, and parts can be repeated one by one";
  return `above ${SMALL} bytes it goes in parts, several at once, which can be repeated one by one`;
}
