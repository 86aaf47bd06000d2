import { encodeBase64, parseDataUri } from "@sluice/base64";
import {
  type AcceptOptions,
  checkAccepted,
  isNear,
  type Method,
  openSendable,
  type Reference,
  type Sendable,
} from "@sluice/http/provider";
import { type ByteSource, bytesSource } from "@sluice/source";
import { collectBytes } from "@sluice/streams";
import { TooLargeError, type UploadOptions, upload } from "@sluice/uploader";
import type { ReplicateFile } from "./api-objects.ts";
import type { FileCalls, FileDetails } from "./file-calls.ts";
import { fileTarget, LARGEST_FILE } from "./file-target.ts";
import type { OutputSource } from "./output-source.ts";

/** How something is sent. */
export interface SendOptions extends AcceptOptions, FileDetails, Omit<UploadOptions, "partSize" | "concurrency"> {
  /** Forces a way. @default the cheapest that there is */
  method?: Extract<Method, "url" | "upload" | "data-uri"> | undefined;
  /** The most bytes to send. @default 100_000_000, what Replicate takes */
  maxBytes?: number | undefined;
  /** Bytes below which a file goes as a data URI, up to 1_000_000; 0 for never. @default the client's */
  dataUriLimit?: number | undefined;
}

/** What a client knows that every `send` needs. */
export interface SendSettings {
  readonly files: FileCalls;
  readonly baseUrl: URL;
  readonly dataUriLimit: number;
}

/** Larger data URIs are advised against, and cost more than an upload. */
const LARGEST_DATA_URI = 1_000_000;

/** @throws {TypeError | RangeError} when it is no number from 0 to 1,000,000. */
export function checkDataUriLimit(action: string, limit: unknown): number {
  if (typeof limit !== "number") {
    throw new TypeError(`${action}: "dataUriLimit" must be a number, received ${typeof limit}`);
  }
  if (!(limit >= 0 && limit <= LARGEST_DATA_URI)) {
    throw new RangeError(`${action}: "dataUriLimit" must be from 0 to ${LARGEST_DATA_URI}, received ${limit}`);
  }
  return limit;
}

/** Sends something the best way there is: as its address, as a data URI, or as a file. */
export async function send(
  given: Sendable,
  { files, baseUrl, ...settings }: SendSettings,
  options: SendOptions,
): Promise<Reference<ReplicateFile>> {
  const dataUriLimit = checkDataUriLimit("Cannot send to Replicate", options.dataUriLimit ?? settings.dataUriLimit);
  const { method, maxBytes = LARGEST_FILE, signal } = options;
  const input = unwrapped(given, method);
  checkMethod(method, input);
  checkMaxBytes(maxBytes);
  signal?.throwIfAborted();
  const asked = method === undefined ? undefined : "asked for";
  const why = input instanceof URL ? unfitUrl(input, baseUrl) : "what is sent is no URL";
  const byUrl = input instanceof URL && (method === "url" || (method === undefined && why === undefined));
  if (byUrl && options.accept === undefined && options.maxBytes === undefined) return byAddress(input, asked);

  const { source, close } = await openSendable(input, { provider: "Replicate", signal });
  try {
    checkAccepted("Replicate", { name: source.name, type: options.type ?? source.type }, options);
    const { size } = source;
    if (size !== undefined && size > maxBytes) {
      throw new TooLargeError(options.filename ?? source.name ?? "upload", "Replicate", size, maxBytes);
    }
    if (byUrl && (size !== undefined || options.maxBytes === undefined)) return byAddress(input, asked, size);
    const small = size !== undefined && size < dataUriLimit;
    if (method === "data-uri" || (method === undefined && small && options.metadata === undefined)) {
      const limit = Math.min(maxBytes, LARGEST_DATA_URI);
      return await asDataUri(
        source,
        options,
        limit,
        asked ?? `it has less than ${dataUriLimit} bytes ("dataUriLimit")`,
      );
    }
    const reason =
      asked ??
      (input instanceof URL
        ? (why ?? "the size of what is at the URL is not known")
        : uploadReason(size, dataUriLimit));
    return await asFile(source, files, options, maxBytes, reason);
  } finally {
    await close();
  }
}

/** What one model has made goes to the next one by its address; a data URI is bytes. */
function unwrapped(input: Sendable, method: Method | undefined): Sendable {
  if (input instanceof URL && input.protocol === "data:") {
    const { bytes, type } = parseDataUri(input);
    return bytesSource(bytes, { type });
  }
  const { url, open } = Object(input) as Partial<OutputSource>;
  const isOutput = typeof url === "string" && typeof open === "function";
  return isOutput && method === undefined ? new URL(url) : input;
}

/** Why an address cannot be handed on; undefined where it can. */
function unfitUrl(url: URL, baseUrl: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `Replicate fetches no ${url.protocol} URLs`;
  if (url.username !== "" || url.password !== "") return "the URL holds credentials, which stay here";
  if (isNear(url) && !isNear(baseUrl)) return "the URL is of this machine or network, which Replicate cannot reach";
  return undefined;
}

function byAddress(url: URL, asked: string | undefined, size?: number): Reference<ReplicateFile> {
  const reason = asked ?? "a URL is fetched by Replicate itself; no byte passes through here";
  return { value: url.href, method: "url", reason, ...(size === undefined ? {} : { size }) };
}

async function asDataUri(
  source: ByteSource,
  { type = source.type ?? "application/octet-stream", filename, signal }: SendOptions,
  limit: number,
  reason: string,
): Promise<Reference<ReplicateFile>> {
  const name = filename ?? source.name ?? "upload";
  if (source.size !== undefined && source.size > limit) throw new TooLargeError(name, "Replicate", source.size, limit);
  const bytes = await collectBytes(source.stream({ signal }), { limit, signal }).catch((error: unknown) => {
    if (Object(error).code !== "too-large") throw error;
    throw new TooLargeError(name, "Replicate", Object(error).received, limit);
  });
  const value = `data:${type.replaceAll(/[\s,]/g, "")};base64,${encodeBase64(bytes)}`;
  return { value, method: "data-uri", size: bytes.byteLength, reason };
}

async function asFile(
  source: ByteSource,
  files: FileCalls,
  { accept: _accept, method: _method, dataUriLimit: _limit, filename, type, metadata, ...options }: SendOptions,
  maxBytes: number,
  reason: string,
): Promise<Reference<ReplicateFile>> {
  const { maxBytes: _maxBytes, ...given } = options;
  const details = {
    ...(filename === undefined ? {} : { filename }),
    ...(type === undefined ? {} : { type }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  const file = await upload(source, fileTarget(files, details, maxBytes), given);
  const { size, expires_at: expiresAt } = file;
  const expiry = expiresAt ? { expiresAt: new Date(expiresAt) } : {};
  return { value: file.urls.get, method: "upload", size, ...expiry, reason, raw: file };
}

function uploadReason(size: number | undefined, dataUriLimit: number): string {
  if (size === undefined) return "its size is not known";
  return `it has ${dataUriLimit === 0 ? "" : `${dataUriLimit} bytes ("dataUriLimit") or `}more than a data URI is for`;
}

function checkMethod(method: unknown, input: unknown): void {
  if (method === undefined || method === "upload" || method === "data-uri") return;
  if (method !== "url") {
    throw new RangeError(
      `Cannot send to Replicate: "method" must be "url", "upload" or "data-uri", received ${String(method)}`,
    );
  }
  if (!(input instanceof URL)) {
    throw new TypeError('Cannot send to Replicate: "method" can only be "url" for a URL object');
  }
}

function checkMaxBytes(maxBytes: unknown): void {
  if (typeof maxBytes !== "number") {
    throw new TypeError(`Cannot send to Replicate: "maxBytes" must be a number, received ${typeof maxBytes}`);
  }
  if (!(maxBytes >= 0)) {
    throw new RangeError(`Cannot send to Replicate: "maxBytes" must be 0 or more, received ${maxBytes}`);
  }
}
