import { type HttpClient, multipartBody } from "@sluice/http";
import { type ByteSource, streamSource } from "@sluice/source";
import type { CallOptions } from "./upload-calls.ts";
import { type ExpiresAfter, isDeletion, isFile, isFileList, type OpenAIFile, type Purpose } from "./upload-objects.ts";

/** What a file is created with in one request. */
export interface CreateFile {
  purpose: Purpose;
  /** @default the source's name */
  filename?: string | undefined;
  /** @default the source's media type */
  mimeType?: string | undefined;
  expiresAfter?: ExpiresAfter | undefined;
}

/** Which files to list. */
export interface ListFiles {
  /** Files a page, 1 to 10,000. */
  limit?: number | undefined;
  /** By when they were created. */
  order?: "asc" | "desc" | undefined;
  /** The id of the file to go on after. */
  after?: string | undefined;
  purpose?: Purpose | undefined;
}

/** One page of files. Iterated over it gives the files of all pages from here on. */
export interface FilePage extends AsyncIterable<OpenAIFile> {
  readonly data: readonly OpenAIFile[];
  readonly hasMore: boolean;
}

/** The calls for files as they are. */
export interface FileCalls {
  /**
   * Sends a file of at most 512 MB in one request. Never again after an unclear failure: it would be there twice.
   */
  create(
    source: ByteSource,
    file: CreateFile,
    options?: CallOptions & { onSent?: ((bytes: number) => void) | undefined },
  ): Promise<OpenAIFile>;
  get(fileId: string, options?: CallOptions): Promise<OpenAIFile>;
  list(query?: ListFiles, options?: CallOptions): Promise<FilePage>;
  delete(fileId: string, options?: CallOptions): Promise<void>;
  /** The bytes of a file, to be read once. Not every purpose permits that. */
  content(fileId: string, options?: CallOptions): Promise<ByteSource>;
}

export function fileCalls(client: HttpClient): FileCalls {
  const at = (id: string, what = "") => `/files/${encodeURIComponent(id)}${what}`;
  const list = async (query: ListFiles = {}, options: CallOptions = {}): Promise<FilePage> => {
    const reply = await client.request("GET", "/files", { query: { ...query }, idempotent: true, ...options });
    const { data, has_more: hasMore = false } = await reply.json(isFileList);
    return {
      data,
      hasMore,
      async *[Symbol.asyncIterator]() {
        yield* data;
        const after = data.at(-1)?.id;
        if (hasMore && after !== undefined) yield* await list({ ...query, after }, options);
      },
    };
  };

  return {
    list,
    async create(source, { purpose, filename, mimeType, expiresAfter }, options) {
      const body = multipartBody({
        purpose,
        "expires_after[anchor]": expiresAfter?.anchor,
        "expires_after[seconds]": expiresAfter?.seconds,
        file: { source, name: filename ?? source.name ?? "upload", type: mimeType ?? source.type },
      });
      const reply = await client.request("POST", "/files", { body, idempotent: false, retry: false, ...options });
      return reply.json(isFile);
    },
    async get(fileId, options) {
      return (await client.request("GET", at(fileId), { idempotent: true, ...options })).json(isFile);
    },
    async delete(fileId, options) {
      const reply = await client.request("DELETE", at(fileId), { idempotent: true, ...options });
      await reply.json(isDeletion);
    },
    async content(fileId, options) {
      const { headers, stream } = await client.request("GET", at(fileId, "/content"), { idempotent: true, ...options });
      const length = headers.get("content-length");
      const encoded = headers.get("content-encoding") !== null;
      const type = headers.get("content-type");
      return streamSource(stream(), {
        ...(length !== null && !encoded && { size: Number(length) }),
        ...(type !== null && { type }),
      });
    },
  };
}
