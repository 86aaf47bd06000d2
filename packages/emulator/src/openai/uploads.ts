import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { readJsonObject } from "../json-body.ts";
import { receiveForm } from "../multipart.ts";
import type { Route } from "../provider.ts";
import type { Reply } from "../reply.ts";
import { completeUpload, readCompletion } from "./complete-upload.ts";
import { badRequest } from "./errors.ts";
import { missing, readExpiry, refuseOthers, requireInteger, requirePurpose, requireString } from "./fields.ts";
import { type FileTable, unixSeconds } from "./file-table.ts";
import { newId } from "./ids.ts";
import { type UploadTable, uploadJson } from "./upload-table.ts";

/** 8 GB and 64 MB, read generously: the official Python helper sends parts of 64 MiB. */
const LARGEST = 8 * 1024 ** 3;
const LARGEST_PART = 64 * 1024 ** 2;

/** What the routes under `/uploads` work with. */
export interface UploadServices {
  readonly uploads: UploadTable;
  readonly files: FileTable;
  readonly bytes: ByteStore;
  readonly clock: Clock;
  /** Whether a repeated completion is an error, instead of the same answer again. */
  readonly strictComplete: boolean;
}

/** The routes under `/uploads`. */
export function uploadRoutes(services: UploadServices): Route[] {
  const { uploads } = services;
  return [
    { name: "uploads.create", method: "POST", path: "/uploads", handle: (exchange) => create(exchange, uploads) },
    {
      name: "uploads.parts.create",
      method: "POST",
      path: "/uploads/{upload_id}/parts",
      handle: (exchange) => addPart(exchange, services),
    },
    {
      name: "uploads.complete",
      method: "POST",
      path: "/uploads/{upload_id}/complete",
      handle: async (exchange) => {
        const upload = uploads.find(exchange.params);
        const completion = readCompletion(await readJsonObject(exchange));
        return ok(uploadJson(await completeUpload(upload, completion, services)));
      },
    },
    {
      name: "uploads.cancel",
      method: "POST",
      path: "/uploads/{upload_id}/cancel",
      handle: async ({ params }) => {
        const upload = uploads.find(params);
        await uploads.whilePending(upload, () => uploads.end(upload, "cancelled"));
        return ok(uploadJson(upload));
      },
    },
  ];
}

async function create(exchange: Exchange, uploads: UploadTable): Promise<Reply> {
  const body = await readJsonObject(exchange);
  refuseOthers(body, ["filename", "purpose", "bytes", "mime_type", "expires_after"]);
  const purpose = requirePurpose(body["purpose"]);
  const upload = uploads.add({
    filename: requireString(body["filename"], "filename"),
    purpose,
    bytes: requireInteger(body["bytes"], "bytes", 0, LARGEST),
    mimeType: requireString(body["mime_type"], "mime_type"),
    expiry: readExpiry(body["expires_after"], purpose),
  });
  return ok(uploadJson(upload));
}

async function addPart(exchange: Exchange, { uploads, bytes, clock }: UploadServices): Promise<Reply> {
  const upload = uploads.find(exchange.params);
  const id = await uploads.whilePending(upload, () => newId("part_"));
  const form = await receiveForm(exchange.body, exchange.request.headers, {
    sinkFor: (field) => (field === "data" ? bytes.openPart(id) : undefined),
    fileLimit: LARGEST_PART,
    tooLarge: 400,
  });
  const part = form.files.get("data");
  if (part === undefined) {
    throw form.fields.has("data") ? badRequest("Field 'data' must be a file with a name.", "data") : missing("data");
  }
  try {
    // It may have been completed, cancelled or forgotten while the part was on its way.
    await uploads.whilePending(upload, () => upload.parts.set(id, { id, size: part.size, path: part.path }));
  } catch (error) {
    if (part.path !== undefined) await bytes.remove(part.path);
    throw error;
  }
  const created_at = unixSeconds(clock.now());
  return ok({ id, object: "upload.part", created_at, upload_id: upload.id });
}

function ok(json: unknown): Reply {
  return { status: 200, json };
}
