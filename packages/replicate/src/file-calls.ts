import { type HttpClient, multipartBody } from "@sluice/http";
import type { RetryOptions } from "@sluice/retry";
import { type ByteSource, bytesSource } from "@sluice/source";
import { isFile, isPage, type ReplicateFile } from "./api-objects.ts";

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** What may be said of a file that is uploaded. */
export interface FileDetails {
  /** At most 255 bytes. @default the source's name */
  filename?: string | undefined;
  /** @default the source's media type */
  type?: string | undefined;
  /** Kept with the file. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** The calls of the files API, each of them one request. */
export interface FileCalls {
  /** Sends a file, once: who calls decides about trying again. */
  post(
    content: ByteSource,
    details: FileDetails,
    options: CallOptions & { onSent?: ((bytes: number) => void) | undefined },
  ): Promise<ReplicateFile>;
  /** What is known of a file; its bytes are for models alone. */
  get(id: string, options?: CallOptions): Promise<ReplicateFile>;
  /** All files, newest first. */
  list(options?: CallOptions): Promise<ReplicateFile[]>;
  delete(id: string, options?: CallOptions): Promise<void>;
}

const LONGEST_NAME = 255;
const encoder = new TextEncoder();

/** The files API over a client. */
export function fileCalls(client: HttpClient, retry: RetryOptions | false): FileCalls {
  const at = (id: string) => `/files/${encodeURIComponent(id)}`;
  return {
    async post(source, { filename = source.name ?? "file", type, metadata = {} }, options) {
      checkName(filename);
      // In the form that the official client for JavaScript gives it: the metadata is a file, too.
      const json = bytesSource(encoder.encode(JSON.stringify(metadata)), { name: "blob", type: "application/json" });
      const body = multipartBody({ content: { source, name: filename, type }, metadata: json });
      // A file that was sent twice is a file too many, which nobody pays for and which expires.
      const reply = await client.request("POST", "/files", { body, idempotent: true, retry: false, ...options });
      return reply.json(isFile);
    },
    async get(id, options) {
      const reply = await client.request("GET", at(id), { idempotent: true, ...options });
      return reply.json(isFile);
    },
    async list(options) {
      const files: ReplicateFile[] = [];
      const seen = new Set<string>();
      for (let query: string | undefined = ""; query !== undefined && !seen.has(query); ) {
        seen.add(query);
        const reply = await client.request("GET", `/files${query}`, { idempotent: true, ...options });
        const { next, results } = await reply.json(isPage);
        files.push(...results.filter(isFile));
        // An address of the service's own, which may not be the one that we reach it by.
        query = next ? URL.parse(next, "https://api.replicate.com")?.search : undefined;
      }
      // The service promises an order that it has been seen not to keep.
      return files.sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
    },
    async delete(id, options) {
      let again = false;
      const onRetry = () => {
        again = true;
      };
      const policy: RetryOptions | false = retry && {
        ...retry,
        onRetry(event) {
          onRetry();
          retry.onRetry?.(event);
        },
      };
      try {
        await client.request("DELETE", at(id), { idempotent: true, retry: policy, ...options });
      } catch (error) {
        // The first attempt, whose reply was lost, did it.
        if (!again || Object(error).status !== 404) throw error;
      }
    },
  };
}

/** @throws {RangeError} when it is longer than the API takes. */
function checkName(filename: string): void {
  const size = encoder.encode(filename).byteLength;
  if (size <= LONGEST_NAME) return;
  throw new RangeError(
    `Cannot upload to Replicate: "filename" must be at most ${LONGEST_NAME} bytes, received ${size}: ${filename.slice(0, 40)}…`,
  );
}
