import type { ByteStore } from "../byte-store.ts";
import type { Exchange } from "../exchange.ts";
import { receiveForm } from "../multipart.ts";
import type { Route } from "../provider.ts";
import type { Reply } from "../reply.ts";
import type { FileShelf } from "../stored-files.ts";
import { badRequest, OpenAiError } from "./errors.ts";
import { missing, readExpiry, requirePurpose } from "./fields.ts";
import type { FileTable, OpenAiFile } from "./file-table.ts";
import { newId } from "./ids.ts";

/** What one call to `POST /files` takes. */
const LARGEST = 512 * 1024 * 1024;
const PAGE = 10_000;

/** The routes under `/files`. */
export function fileRoutes(files: FileTable, bytes: ByteStore, shelf: FileShelf): Route[] {
  return [
    { name: "files.create", method: "POST", path: "/files", handle: (exchange) => create(exchange, files, bytes) },
    { name: "files.list", method: "GET", path: "/files", handle: ({ url }) => list(url.searchParams, files) },
    {
      name: "files.retrieve",
      method: "GET",
      path: "/files/{file_id}",
      handle: ({ params }) => ({ status: 200, json: find(files, params) }),
    },
    {
      name: "files.delete",
      method: "DELETE",
      path: "/files/{file_id}",
      handle: ({ params }) => {
        const { id } = find(files, params);
        files.delete(id);
        return { status: 200, json: { id, object: "file", deleted: true } };
      },
    },
    {
      name: "files.content",
      method: "GET",
      path: "/files/{file_id}/content",
      handle: ({ params }) => content(find(files, params), shelf),
    },
  ];
}

async function create({ body, request }: Exchange, files: FileTable, bytes: ByteStore): Promise<Reply> {
  const id = newId("file-");
  const form = await receiveForm(body, request.headers, {
    sinkFor: (field) => (field === "file" ? bytes.openFile(`openai/${id}`) : undefined),
    fileLimit: LARGEST,
    tooLarge: 413,
  });
  const file = form.files.get("file");
  try {
    if (file === undefined) {
      throw form.fields.has("file") ? badRequest("Field 'file' must be a file with a name.", "file") : missing("file");
    }
    const purpose = requirePurpose(form.fields.get("purpose"));
    const expiry = readExpiry(expiresAfter(form.fields), purpose);
    return { status: 200, json: files.add({ id, filename: file.filename, type: file.type, purpose, expiry }, file) };
  } catch (error) {
    if (file?.path !== undefined) await bytes.remove(file.path);
    throw error;
  }
}

/** A form has no objects: their members are fields of their own. */
function expiresAfter(fields: ReadonlyMap<string, string>): { anchor?: string; seconds?: number } | undefined {
  const anchor = fields.get("expires_after[anchor]");
  const seconds = fields.get("expires_after[seconds]");
  if (anchor === undefined && seconds === undefined) return undefined;
  return {
    ...(anchor === undefined ? {} : { anchor }),
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
  };
}

function list(query: URLSearchParams, files: FileTable): Reply {
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw badRequest("Invalid 'order': expected 'asc' or 'desc'.", "order");
  const limit = Number(query.get("limit") ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE) {
    throw badRequest(`Invalid 'limit': expected an integer from 1 to ${PAGE}.`, "limit");
  }
  const purpose = query.get("purpose");
  const all = order === "asc" ? files.list() : files.list().reverse();
  const after = query.get("after");
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) throw badRequest(`No such File object: ${after}`, "after");
  const rest = all.slice(start).filter((file) => purpose === null || file.purpose === purpose);
  const data = rest.slice(0, limit);
  return {
    status: 200,
    json: {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: rest.length > data.length,
    },
  };
}

function content({ id, bytes, filename }: OpenAiFile, shelf: FileShelf): Reply {
  const path = shelf.get(id)?.path;
  if (path === undefined) {
    const why = "the emulator keeps digests, not bytes, unless it is started with the `storage` option";
    throw new OpenAiError(404, `No such File object: ${id} (${why})`, { param: "id" });
  }
  return {
    status: 200,
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed())}`,
    },
    file: { path, size: bytes },
  };
}

function find(files: FileTable, { file_id: id = "" }: Exchange["params"]): OpenAiFile {
  const file = files.get(id);
  if (file === undefined) throw new OpenAiError(404, `No such File object: ${id}`, { param: "id" });
  return file;
}
