import type { AcceptOptions, Reference } from "@sluice/http/provider";
import type { RetryOptions } from "@sluice/retry";
import type { UploadOptions } from "@sluice/uploader";
import { LARGEST_BASE64 } from "./base64-too-large-error.ts";
import type { Caller } from "./kie-call.ts";
import type { KieFile } from "./kie-file.ts";
import { type FileOptions, type FilePlace, placeOf } from "./upload-target.ts";

/** How something goes to kie.ai. */
export type SendMethod = "url" | "base64" | "stream";

/** When base64 is taken. */
export interface Base64Options {
  /** Bytes up to which a file goes as base64. @default 1_000_000 */
  base64Limit?: number | undefined;
  /** Whether base64 may be taken for more than 10 MB. @default false */
  allowLarge?: boolean | undefined;
}

/** The same, filled in. */
export interface Base64Limits {
  readonly base64Limit: number;
  readonly allowLarge: boolean;
}

/** How something is sent. */
export interface SendOptions
  extends AcceptOptions,
    Base64Options,
    FileOptions,
    Omit<UploadOptions, "partSize" | "concurrency"> {
  /** Forces a way. @default the first that fits of "url", "base64" and "stream" */
  method?: SendMethod | undefined;
  /** The most bytes to send. @default no limit */
  maxBytes?: number | undefined;
}

/** Where what was sent can be found. */
export interface KieReference extends Reference<KieFile> {
  readonly method: SendMethod;
  /** The file has a name of your own: caches may go on serving what had that name before. */
  readonly mayServeOld?: true;
}

/** What a client knows that every `send` needs. */
export interface SendSettings {
  /** Calls the upload host. */
  readonly call: Caller;
  readonly base64: Base64Limits;
  readonly retry: RetryOptions | false;
  readonly now: () => number;
}

/** What one `send` is to do, checked. */
export interface Sending extends Pick<SendOptions, "method" | "maxBytes" | "accept" | "signal"> {
  readonly call: Caller;
  readonly now: () => number;
  readonly place: FilePlace;
  readonly base64: Base64Limits;
  /** As they were given, but for what the client has a say in. */
  readonly options: SendOptions;
}

const ACTION = "send to kie.ai";
const METHODS: readonly unknown[] = [undefined, "url", "base64", "stream"];

/** @throws {TypeError | RangeError} naming the option that is not what it must be. */
export function checkSending(
  input: unknown,
  { call, now, base64, retry }: SendSettings,
  options: SendOptions,
): Sending {
  const { method, maxBytes, accept, signal } = options;
  const { base64Limit = base64.base64Limit, allowLarge = base64.allowLarge } = options;
  if (!METHODS.includes(method)) {
    throw new RangeError(`Cannot ${ACTION}: "method" must be "url", "base64" or "stream", received ${String(method)}`);
  }
  if (method === "url" && !(input instanceof URL)) {
    throw new TypeError(`Cannot ${ACTION}: "method" can only be "url" for a URL object`);
  }
  if (maxBytes !== undefined) checkBytes(ACTION, "maxBytes", maxBytes);
  return {
    method,
    maxBytes,
    accept,
    signal,
    call,
    now,
    place: placeOf(ACTION, options),
    base64: checkBase64(ACTION, { base64Limit, allowLarge }),
    options: { ...options, retry: options.retry ?? retry },
  };
}

/** @throws {TypeError | RangeError} naming the option that is not what it must be. */
export function checkBase64(action: string, options: Base64Options): Base64Limits {
  const { base64Limit = 1_000_000, allowLarge = false } = options;
  checkBytes(action, "base64Limit", base64Limit);
  if (typeof allowLarge !== "boolean") {
    throw new TypeError(`Cannot ${action}: "allowLarge" must be a boolean, received ${typeof allowLarge}`);
  }
  if (base64Limit > LARGEST_BASE64 && !allowLarge) {
    throw new RangeError(
      `Cannot ${action}: "base64Limit" must be at most ${LARGEST_BASE64} without "allowLarge: true", received ${base64Limit}`,
    );
  }
  return { base64Limit, allowLarge };
}

function checkBytes(action: string, option: string, value: unknown): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot ${action}: "${option}" must be a number, received ${typeof value}`);
  }
  if (!(value >= 0)) throw new RangeError(`Cannot ${action}: "${option}" must be 0 or more, received ${value}`);
}
