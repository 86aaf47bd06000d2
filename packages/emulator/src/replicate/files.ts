import type { ByteSink, Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import type { Exchange } from "../exchange.ts";
import { type Form, receiveForm } from "../multipart.ts";
import type { Route } from "../provider.ts";
import type { Reply } from "../reply.ts";
import { RequestRefused } from "../request-refused.ts";
import type { FileShelf } from "../stored-files.ts";
import { ReplicateError } from "./errors.ts";
import type { FileTable, ReplicateFile } from "./file-table.ts";
import { newFileId } from "./ids.ts";

const METADATA_LIMIT = 64 * 1024;
const NAME_LIMIT = 255;

export interface FileServices {
  readonly files: FileTable;
  readonly bytes: ByteStore;
  readonly shelf: FileShelf;
  /** The most that one file may hold. */
  readonly maxFileSize: number;
  readonly baseUrl: (exchange: Exchange) => string;
}

/** The routes under `/files`. */
export function fileRoutes(services: FileServices): Route[] {
  const { files, shelf, baseUrl } = services;
  const show = (exchange: Exchange, { ...file }: ReplicateFile) => ({
    ...file,
    urls: { get: `${baseUrl(exchange)}/files/${file.id}` },
  });
  return [
    {
      name: "files.create",
      method: "POST",
      path: "/files",
      handle: async (exchange) => created(show(exchange, await create(exchange, services))),
    },
    {
      name: "files.list",
      method: "GET",
      path: "/files",
      handle: (exchange) => ({
        status: 200,
        json: { next: null, previous: null, results: files.list().map((file) => show(exchange, file)) },
      }),
    },
    {
      name: "files.retrieve",
      method: "GET",
      path: "/files/{file_id}",
      handle: (exchange) => ({ status: 200, json: show(exchange, find(files, exchange.params)) }),
    },
    {
      name: "files.delete",
      method: "DELETE",
      path: "/files/{file_id}",
      handle: ({ params }) => {
        files.delete(find(files, params).id);
        return { status: 204, text: "" };
      },
    },
    {
      name: "files.download",
      method: "GET",
      path: "/files/{file_id}/download",
      handle: ({ params, url }) => download(files, params, url, shelf),
    },
  ];
}

function created(json: unknown): Reply {
  return { status: 201, headers: { "content-type": "application/json; charset=UTF-8" }, json };
}

async function create(
  { body, request }: Exchange,
  { files, bytes, maxFileSize }: FileServices,
): Promise<ReplicateFile> {
  const id = newFileId();
  const metadata = new TextSink();
  const form = await receiveForm(body, request.headers, {
    sinkFor: (field) =>
      field === "content" ? bytes.openFile(`replicate/${id}`) : field === "metadata" ? metadata : undefined,
    fileLimit: maxFileSize,
    tooLarge: 413,
  }).catch((error: unknown) => {
    if (!(error instanceof RequestRefused) || error.status !== 413) throw error;
    throw new ReplicateError(413, "Files must be less than 100MB in size");
  });
  const content = form.files.get("content");
  try {
    if (content === undefined) throw new ReplicateError(400, "Missing content: expected a file in the field 'content'");
    const name = form.fields.get("filename") ?? content.filename;
    if (Buffer.byteLength(name) > NAME_LIMIT) {
      throw new ReplicateError(400, `The filename must be at most ${NAME_LIMIT} bytes`);
    }
    const type = form.fields.get("type") ?? content.type;
    return files.add({ id, name, type, metadata: readMetadata(form, metadata) }, content);
  } catch (error) {
    if (content?.path !== undefined) await bytes.remove(content.path);
    throw error;
  }
}

/** It may come as a text field, or, as the official client for JavaScript has it, as a file. */
function readMetadata({ fields, files }: Form, sink: TextSink): unknown {
  const text = files.has("metadata") ? sink.text() : (fields.get("metadata") ?? "{}");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new ReplicateError(400, "The metadata must be a JSON object");
}

/** Keeps a small file of a form as text. */
class TextSink implements ByteSink {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#size += chunk.length;
    if (this.#size > METADATA_LIMIT) {
      return Promise.reject(new RequestRefused(400, `The metadata is over ${METADATA_LIMIT} bytes`));
    }
    this.#chunks.push(Buffer.from(chunk));
    return undefined;
  }

  finish(): Promise<Stored> {
    return Promise.resolve({ size: this.#size, digests: undefined, path: undefined });
  }

  abort(): void {}

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function download(files: FileTable, params: Exchange["params"], url: URL, shelf: FileShelf): Reply {
  const { id, name, size, content_type } = find(files, params);
  if (!files.isSigned(id, url.searchParams)) {
    throw new ReplicateError(403, "The signature of this address is not valid, or it has expired");
  }
  const path = shelf.get(id)?.path;
  if (path === undefined) {
    const why = "the emulator keeps digests, not bytes, unless it is started with the `storage` option";
    throw new ReplicateError(404, `File not found (${why})`);
  }
  return {
    status: 200,
    headers: {
      "content-type": /^[!-~]+\/[ -~]+$/.test(content_type) ? content_type : "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`,
    },
    file: { path, size },
  };
}

function find(files: FileTable, { file_id: id = "" }: Exchange["params"]): ReplicateFile {
  const file = files.get(id);
  if (file === undefined) throw new ReplicateError(404, "File not found");
  return file;
}
