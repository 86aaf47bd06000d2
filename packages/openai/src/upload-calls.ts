import { type HttpClient, jsonBody, multipartBody } from "@sluice/http";
import type { ByteSource } from "@sluice/source";
import {
  type ExpiresAfter,
  isCompletedUpload,
  isPart,
  isUpload,
  type OpenAIFile,
  type Purpose,
  type Upload,
  type UploadPart,
} from "./upload-objects.ts";

/** What an upload is created with. */
export interface CreateUpload {
  filename: string;
  purpose: Purpose;
  /** The exact size of the whole file. */
  bytes: number;
  mimeType: string;
  expiresAfter?: ExpiresAfter | undefined;
}

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** The four calls of the Uploads API. */
export interface UploadCalls {
  /** Creates an upload. It lives for an hour. */
  createUpload(upload: CreateUpload, options?: CallOptions): Promise<Upload>;
  /**
   * Adds a part of at most 64 MB. Refused here where this client has completed or cancelled the upload. Never sent
   * again by itself: a part that was lost leaves nothing behind that counts.
   */
  addUploadPart(
    uploadId: string,
    data: ByteSource,
    options?: CallOptions & { onSent?: ((bytes: number) => void) | undefined },
  ): Promise<UploadPart>;
  /** Makes a file of the parts, in this order. Sent once: whether a second time is harmless is not known. */
  completeUpload(
    uploadId: string,
    parts: { partIds: readonly string[]; md5?: string | undefined },
    options?: CallOptions,
  ): Promise<Upload & { readonly file: OpenAIFile }>;
  cancelUpload(uploadId: string, options?: CallOptions): Promise<Upload>;
}

const REMEMBERED = 1_000;

export function uploadCalls(client: HttpClient): UploadCalls {
  const at = (id: string, call: string) => `/uploads/${encodeURIComponent(id)}/${call}`;
  /** What became of uploads by this client; of the last ones, so that it does not grow for ever. */
  const closed = new Map<string, "completed" | "cancelled">();
  const close = (id: string, state: "completed" | "cancelled") => {
    closed.set(id, state);
    const [oldest] = closed.keys();
    if (closed.size > REMEMBERED && oldest !== undefined) closed.delete(oldest);
  };
  return {
    async createUpload({ filename, purpose, bytes, mimeType, expiresAfter }, options) {
      const body = jsonBody({ bytes, filename, mime_type: mimeType, purpose, expires_after: expiresAfter });
      // Twice is harmless: an upload that nobody adds to costs nothing, and expires.
      const reply = await client.request("POST", "/uploads", { body, idempotent: true, ...options });
      return reply.json(isUpload);
    },
    async addUploadPart(uploadId, data, options) {
      const state = closed.get(uploadId);
      if (state) throw new TypeError(`Cannot add a part to ${uploadId}: it was ${state}`);
      const body = multipartBody({ data: { source: data, name: data.name ?? "part" } });
      const reply = await client.request("POST", at(uploadId, "parts"), {
        body,
        idempotent: true,
        retry: false,
        ...options,
      });
      return reply.json(isPart);
    },
    async completeUpload(uploadId, { partIds, md5 }, options) {
      const body = jsonBody({ part_ids: partIds, md5 });
      const reply = await client.request("POST", at(uploadId, "complete"), {
        body,
        idempotent: false,
        retry: false,
        ...options,
      });
      const completed = await reply.json(isCompletedUpload);
      close(uploadId, "completed");
      return completed;
    },
    async cancelUpload(uploadId, options) {
      const reply = await client.request("POST", at(uploadId, "cancel"), { idempotent: true, ...options });
      const cancelled = await reply.json(isUpload);
      close(uploadId, "cancelled");
      return cancelled;
    },
  };
}
